// SPDX-License-Identifier: BSL-1.0
// The functions of the core that recorded programs call. recorded_engine.hpp uses them, and nothing
// else of the core.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/model_test.hpp"
#include "engine/draining.hpp"
#include "engine/inspection.hpp"
#include "history/operation.hpp"
#include "lifecycle/ending.hpp"
#include "lifecycle/starting.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::model {

/// How a request asks.
struct asking {
    unsigned user = 0;
    std::uint8_t priority = 0;
    std::uint8_t own_limit = history::no_own_limit;
};

/// A request, or a drain, that waits.
struct recorded_waiter final : core::waiter_base {
    void accept(const core::verdict& given) noexcept override { verdict = given; }
    bool post() noexcept override {
        go_on(verdict);
        return true;
    }
    void abandon() noexcept override {}

    core::verdict verdict;

    std::function<void(const core::verdict&)> go_on;
    core::cell_handle place;
};

/// The calls of the core that programs make.
class core_calls {
public:
    explicit core_calls(history::limits first) {
        static_cast<void>(core_->lifetime.try_reuse());
        core_->number.store(1);
        core_->clock.store([]() noexcept { return time_point{}; });
        core_->settings.replace_timeouts(1, 1);
        move_limits(first);
    }

    /// Takes back what still waits, since a room is destroyed empty.
    ~core_calls() {
        for (recorded_waiter* const each : entered_)
            core::waiting_room::find(*core_)->withdraw(*core_, each->place);
        core::serve(*core_, threads_[0]);
    }
    core_calls(const core_calls&) = delete;
    core_calls& operator=(const core_calls&) = delete;

    core::verdict try_admit(const asking& how, unsigned thread) {
        return core::try_start(
            *core_, threads_[thread],
            [&] {
                return core::user_ref{"u", how.user + 1};
            },
            own_limit_of(how));
    }

    /// The first step of a wait: the verdict, or none if the request waits.
    std::optional<core::verdict> start_or_wait(recorded_waiter& waiter, const asking& how,
                                               unsigned thread) {
        const core::verdict given = try_admit(how, thread);
        const bool by_limit =
            given.reason == errc::global_limit || given.reason == errc::user_limit;
        if (given || !by_limit) return given;
        core::wait_terms terms;
        terms.user = {"u", how.user + 1};
        terms.priority = how.priority;
        terms.own_limit = own_limit_of(how);
        if (const errc reason = enter(waiter, terms, thread); reason != errc{})
            return core::verdict{.slot = {}, .reason = reason};
        return std::nullopt;
    }

    /// Takes a request back. True: it waited, and has no other verdict.
    bool withdraw(recorded_waiter& waiter, unsigned thread) {
        if (!waiter.place) return false;
        if (core::waiting_room::find(*core_)->withdraw(*core_, waiter.place) == nullptr)
            return false;
        core::serve(*core_, threads_[thread]);
        return true;
    }

    bool end(const core::verdict& begun, unsigned thread) {
        return core::end(begun.slot, begun.generation, status::completed, threads_[thread]);
    }

    void set_limits(history::limits wanted, unsigned thread) {
        move_limits(wanted);
        core::serve(*core_, threads_[thread]);
    }

    void close(unsigned thread) {
        core_->pool.gate().close();
        core::serve(*core_, threads_[thread]);
    }

    /// Closes the engine; the waiter is woken when it is idle.
    void drain(recorded_waiter& waiter, unsigned thread) {
        core_->pool.gate().close();
        core::wait_terms terms;
        terms.engine = 1;
        terms.kind = core::wait_kind::for_idle;
        enter(waiter, terms, thread);
    }

    /// Ends what is active. True: the drain need not look again.
    bool cut(std::vector<conversation>& told, unsigned thread) {
        return core::cut_off(*core_, core_->now(), told, threads_[thread]) == core::end_of_time &&
               active() == 0;
    }

    int active() const { return static_cast<int>(core::active_count(*core_)); }
    int waiting() const {
        const core::waiting_room* const room = core::waiting_room::find(*core_);
        return room == nullptr ? 0 : static_cast<int>(room->waiting());
    }

    static conversation_id id_of(const core::verdict& begun) {
        return {.engine = 1, .generation = begun.generation, .slot = begun.slot.number()};
    }

private:
    static std::optional<std::uint32_t> own_limit_of(const asking& how) {
        if (how.own_limit == history::no_own_limit) return std::nullopt;
        return how.own_limit;
    }

    errc enter(recorded_waiter& waiter, const core::wait_terms& terms, unsigned thread) {
        core::waiting_room& room = core::waiting_room::require(*core_);
        const errc reason = room.begin(*core_, waiter, terms, nullptr, waiter.place);
        if (reason != errc{}) return reason;
        entered_.push_back(&waiter);
        room.enqueue(waiter.place);
        core::serve(*core_, threads_[thread]);
        return {};
    }

    void move_limits(history::limits wanted) {
        core_->users.prepare(wanted.concurrent);
        core_->pool.prepare(wanted.concurrent, 1, core_.get());
        core_->settings.replace_waiting(
            {.total = wanted.waiting, .per_user = wanted.waiting_per_user});
        const core::count_limits before =
            core_->pool.set_limits({.total = wanted.concurrent, .per_user = wanted.per_user});
        if (before.per_user < wanted.per_user) core::refresh_all(*core_);
    }

    std::unique_ptr<core::engine_core> core_ = std::make_unique<core::engine_core>();
    std::vector<recorded_waiter*> entered_;
    core::thread_state threads_[3] = {{.stripe = core::counter_stripes},
                                      {.stripe = core::counter_stripes},
                                      {.stripe = core::counter_stripes}};
};

}  // namespace admit::model
