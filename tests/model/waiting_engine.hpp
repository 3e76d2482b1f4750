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

    bool wake(const core::verdict& verdict) noexcept override;
    void abandon() noexcept override {
        ++abandoned;
        mark_gone();
    }

    /// It was taken back, and gives back what it had been granted without hearing of it.
    void undo();
    /// Its owner has destroyed it: no thread may ask for its user any more.
    void mark_gone() { gone_ = true; }
    std::string_view user() const noexcept override {
        check(!gone_, "no thread asks a waiter for its user after it has gone");
        return "u";
    }
    bool over() const { return woken + withdrawn + abandoned > 0; }
    bool granted() const { return woken > 0 && verdict; }

    const unsigned of_user;
    cell_handle place;
    unsigned failed_wakes = 0;           ///< how often it cannot be woken, as when a post throws
    core::engine_core* going = nullptr;  ///< it is told before that memory is another engine's
    unsigned woken = 0;
    unsigned withdrawn = 0;
    unsigned abandoned = 0;
    core::verdict verdict;  ///< also while it cannot be woken

private:
    waiting_engine& engine_;
    bool gone_ = false;
};

class waiting_engine {
public:
    static constexpr nanos idle_timeout = 100'000'000;
    static constexpr nanos max_duration = 1'000'000'000;
    /// The time of the engine's clock; only what a test sets.
    static inline nanos present = 0;

    std::unique_ptr<core::engine_core> core = std::make_unique<core::engine_core>();
    unsigned limit;
    unsigned per_user;
    unsigned active = 0;  // told to have begun, and the ending has not begun
    unsigned of_user[3] = {};
    unsigned ended = 0;
    std::vector<const test_waiter*> waiters;

    waiting_engine(unsigned concurrent, unsigned of_one, unsigned room_for = 0)
        : limit{concurrent}, per_user{of_one} {
        present = 1'000'000'000;
        test_thread().home = 0;  // each execution begins alike
        core->lifetime.try_reuse();
        core->clock.store([]() noexcept { return time_point{duration{present}}; });
        open(1, room_for);
        core::waiting_room::require(*core);
    }

    /// The core is a new engine's.
    void open(std::uint64_t number, unsigned room_for = 0) {
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

    void reserve(test_waiter& waiter, wait_kind kind = wait_kind::for_slot,
                 const void* context = nullptr) {
        waiter.place = room().arm(waiter, waiter.of_user, kind, context);
    }
    void enter(const test_waiter& waiter) {
        room().enqueue(waiter.place);
        serve();
    }
    void wait(test_waiter& waiter, wait_kind kind = wait_kind::for_slot) {
        reserve(waiter, kind);
        enter(waiter);
    }

    /// Cancels, or times out: which is the same to the engine.
    bool cancel(test_waiter& waiter) {
        const bool won = room().withdraw(waiter.place) != nullptr;
        if (won) waiter.undo();
        serve();
        return won;
    }

    /// `set_limits`, for which the constructor made room.
    void set_limits(unsigned concurrent, unsigned of_one) {
        core->pool.set_limits({.total = concurrent, .per_user = of_one});
        core::signal_all(*core);
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
        for (unsigned user = 1; user <= 2; ++user) {
            unsigned waiting = 0;
            for (const test_waiter* each : waiters) {
                check(each->woken + each->withdrawn + each->abandoned <= 1, "one end for each");
                if (each->of_user == user && !each->over()) ++waiting;
            }
            const unsigned room = per_user - of_user[user];
            const auto counted = core->users.state_of(user);
            check(counted.active() == of_user[user], "the user's count is what is active");
            check(counted.owed() == std::min(waiting, room), "and the ready are counted");
            ready += counted.owed();
        }
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
    engine_.room().withdraw(place);
    engine_.serve();
}

inline void test_waiter::undo() {
    ++withdrawn;
    mark_gone();
    if (!verdict) return;
    core::end(verdict.slot, verdict.generation, status::completed, engine_.test_thread());
    ++engine_.ended;
}

inline bool test_waiter::wake(const core::verdict& given) noexcept {
    if (given || given.reason != errc{}) verdict = given;
    if (failed_wakes > 0) return --failed_wakes, false;
    if (going != nullptr)
        check(going->lifetime.try_pin() && !going->lifetime.unpin(),
              "woken by a thread that pins the memory");
    ++woken;
    mark_gone();
    if (verdict) engine_.begun(of_user);
    return true;
}

}  // namespace admit::model
