// SPDX-License-Identifier: BSL-1.0
// An engine of a few slots and its waiters, and what an observer outside of it knows.
// Threads of the model run one at a time, so that ordinary variables tell what has happened.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "checker/model_test.hpp"
#include "engine/inspection.hpp"
#include "engine/shutdown.hpp"
#include "lifecycle/ending.hpp"
#include "lifecycle/starting.hpp"
#include "lifecycle/touching.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::model {

using core::cell_handle;
using core::nanos;
using core::thread_state;
using core::wait_kind;

class waiting_engine;

/// A waiter that remembers what became of it.
class test_waiter final : public core::waiter_base {
public:
    test_waiter(waiting_engine& engine, unsigned user);
    test_waiter(const test_waiter&) = delete;
    test_waiter& operator=(const test_waiter&) = delete;
    ~test_waiter();  ///< goes, if it still waits

    void accept(const core::verdict& given) noexcept override {
        check(!accepted_, "a verdict is settled once");
        accepted_ = true;
        verdict = given;
    }
    bool post() noexcept override;
    void abandon() noexcept override;

    /// Its owner has destroyed it: no thread may touch it any more.
    void mark_gone() {
        check(!gone_, "a waiter goes once");
        gone_ = true;
    }
    bool over() const { return woken + withdrawn + abandoned > 0; }
    bool granted() const { return woken > 0 && verdict; }

    const unsigned of_user;
    cell_handle place;
    unsigned failed_wakes = 0;  ///< how often it cannot be woken, as when a post throws
    unsigned woken = 0;
    unsigned withdrawn = 0;
    unsigned abandoned = 0;
    core::verdict verdict;  ///< also while it cannot be woken

private:
    void end() noexcept;

    waiting_engine& engine_;
    bool gone_ = false;
    bool accepted_ = false;
};

class waiting_engine {
public:
    static constexpr nanos idle_timeout = 100'000'000;
    static constexpr nanos max_duration = 1'000'000'000;
    /// The time of the engine's clock; only what a test sets.
    static inline nanos present = 0;

    std::unique_ptr<core::engine_core> core = std::make_unique<core::engine_core>();
    std::uint64_t number = 0;
    unsigned limit;
    unsigned per_user;
    unsigned active = 0;  // told to have begun, and the ending has not begun
    unsigned of_user[3] = {};
    unsigned ended = 0;
    std::vector<const test_waiter*> waiters;

    waiting_engine(unsigned concurrent, unsigned of_one, unsigned room_for = 0,
                   bool with_room = true)
        : limit{concurrent}, per_user{of_one} {
        present = 1'000'000'000;
        test_thread().home = 0;  // each execution begins alike
        core->lifetime.try_reuse();
        core->clock.store([]() noexcept { return time_point{duration{present}}; });
        open(1, room_for);
        if (with_room) core::waiting_room::require(*core);
    }

    /// The core is a new engine's.
    void open(std::uint64_t its_number, unsigned room_for = 0) {
        number = its_number;
        core->users.prepare(std::max(limit, room_for), 2);
        core->pool.prepare(std::max(limit, room_for), 1, core.get());
        core->number.store(number, core::memory_order_relaxed);
        core->settings.replace_timeouts(idle_timeout, max_duration);
        core->settings.replace_waiting({.total = 4, .per_user = 4});
        core->pool.set_limits({.total = limit, .per_user = per_user});
    }

    core::waiting_room& room() { return *core::waiting_room::find(*core); }

    /// For others to come in before what follows. A thread runs up to its first operation when it
    /// starts, so that ordinary variables read or written there would be seen as they were then.
    void moment() { static_cast<void>(instant_.load(std::memory_order_relaxed)); }

    static thread_state& test_thread() {
        static thread_state state{.stripe = core::counter_stripes};
        return state;
    }

    void begun(unsigned user) {
        check(++active <= limit, "never above the limit");
        check(++of_user[user] <= per_user, "never above the user's limit");
    }

    /// `try_admit` of user 1 or 2.
    core::verdict admit(unsigned user) {
        const auto result = core::try_start(*core, test_thread(), [user] {
            return core::user_ref{"u", user};
        });
        if (result) begun(user);
        return result;
    }

    bool end(const core::verdict& a, unsigned user) {
        moment();
        --active, --of_user[user];
        const bool first = core::end(a.slot, a.generation, status::completed, test_thread());
        if (first)
            ++ended;
        else
            ++active, ++of_user[user];
        return first;
    }

    void serve() { core::serve(*core, test_thread()); }

    /// The first half of a wait, after which the waiter counts; or its rejection.
    void reserve(test_waiter& waiter, wait_kind kind = wait_kind::for_slot,
                 const void* context = nullptr) {
        core::wait_terms terms;
        terms.engine = number;
        terms.kind = kind;
        terms.user = {"u", waiter.of_user};
        const errc reason = room().begin(*core, waiter, terms, context, waiter.place);
        if (reason == errc{}) return;
        waiter.accept({.slot = {}, .reason = reason});
        waiter.post();
    }
    void enter(const test_waiter& waiter) {
        if (waiter.place) room().enqueue(waiter.place);
        serve();
    }
    void wait(test_waiter& waiter, wait_kind kind = wait_kind::for_slot) {
        reserve(waiter, kind);
        enter(waiter);
    }

    /// Cancels, or times out: which is the same to the engine.
    bool cancel(test_waiter& waiter) {
        if (!waiter.place) return false;
        const bool won = room().withdraw(*core, waiter.place) != nullptr;
        if (won) {
            ++waiter.withdrawn;
            waiter.mark_gone();
        }
        serve();
        return won;
    }

    /// `set_limits`, for which the constructor made room.
    void set_limits(unsigned concurrent, unsigned of_one) {
        if (core->pool.set_limits({.total = concurrent, .per_user = of_one}).per_user < of_one)
            core::refresh_all(*core);
        serve();
    }

    void close() {
        core->pool.gate().close();
        serve();
    }

    /// When no call is under way: what holds of the waiters and of the counts.
    void check_idle() {
        const unsigned free = limit - active;
        unsigned ready = 0;
        unsigned all_waiting = 0;
        for (unsigned user = 1; user <= 2; ++user) {
            unsigned waiting = 0;
            for (const test_waiter* each : waiters) {
                check(each->woken + each->withdrawn + each->abandoned <= 1, "one end for each");
                if (each->of_user == user && !each->over()) ++waiting;
            }
            const unsigned room = per_user - of_user[user];
            const auto counted = core->users.state_of(user);
            check(counted.active() == of_user[user], "the user's count is what is active");
            check(counted.waiting() == std::min(waiting, core::max_mirrored),
                  "and what waits is counted");
            ready += std::min(waiting, room);
            all_waiting += waiting;
        }
        check(this->room().waiting() == all_waiting, "all that wait are counted");
        check(ready == 0 || free == 0, "no waiter is ready beside a free slot");
        check(core->pool.owed().any() == (ready > 0), "a slot is in demand for each ready one");
        check(core::active_count(*core) == active, "nothing else is taken");
        const auto stats = core::read_stats(*core);
        check(stats.admitted == ended + active && stats.active == active, "the totals say so");
    }

private:
    atomic<int> instant_{0};
};

inline test_waiter::test_waiter(waiting_engine& engine, unsigned user)
    : of_user{user}, engine_{engine} {
    engine.waiters.push_back(this);
}

inline test_waiter::~test_waiter() {
    if (over() || !place || !engine_.core) return;
    if (engine_.room().withdraw(*engine_.core, place) == nullptr && engine_.room().take(place))
        end();
    engine_.serve();
}

inline void test_waiter::abandon() noexcept {
    ++abandoned;
    mark_gone();
    end();
}

inline void test_waiter::end() noexcept {
    if (!verdict) return;
    core::end(verdict.slot, verdict.generation, status::completed, engine_.test_thread());
    ++engine_.ended;
}

inline bool test_waiter::post() noexcept {
    check(accepted_, "the verdict comes first");
    if (failed_wakes > 0) return --failed_wakes, false;
    ++woken;
    mark_gone();
    if (verdict) engine_.begun(of_user);
    return true;
}

}  // namespace admit::model
