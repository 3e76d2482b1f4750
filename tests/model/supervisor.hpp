// SPDX-License-Identifier: BSL-1.0
// A supervisor of a conversation of waiting_engine.hpp, and the expiry of that engine:
// test_supervision.cpp and test_draining.cpp use them.
#pragma once

#include <algorithm>
#include <optional>

#include "lifecycle/expiry.hpp"
#include "lifecycle/supervision.hpp"
#include "model/waiting_engine.hpp"

namespace admit::model {

inline constexpr nanos grace = 1'000;

/// Looks after a conversation: leaves, then ends it, as the body of one does that was cancelled.
class supervisor final : public core::waiter_base {
public:
    supervisor(waiting_engine& engine, const core::verdict& of, unsigned user)
        : conversation{of}, of_user{user}, engine_{engine} {}

    bool post() noexcept override {
        if (failed_wakes > 0) return --failed_wakes, false;
        check(!abandoned && !gone, "it is still there");
        ++woken;
        return true;
    }
    void abandon() noexcept override {
        check(!abandoned && !gone, "it perishes once, before its context goes");
        check(done_before_departing.get() == (left ? 1 : 0), "what it did before it left is done");
        abandoned = true;
    }

    void begin() {
        place = core::supervise(*engine_.core, conversation.slot, conversation.generation, *this,
                                grace, context);
    }
    void leave() {
        heard = core::end_requested(conversation.slot, conversation.generation);
        done_before_departing.set(1);
        left = true;
        if (core::unsupervise(*engine_.core, place)) abandon();
    }
    void leave_and_end() {
        leave();
        by_itself = engine_.end(conversation, of_user);
    }
    /// As it was told to, by which it knows whether it was in time.
    void end_and_leave() {
        heard = core::end_requested(conversation.slot, place);
        if (heard) by_itself = engine_.end(conversation, of_user);
        if (heard && by_itself) heard->reclaimed = false;
        if (heard && !by_itself) heard = core::end_requested(conversation.slot, place);
        if (core::unsupervise(*engine_.core, place)) abandon();
    }

    const core::verdict conversation;
    const unsigned of_user;
    cell_handle place;
    const void* context = nullptr;
    unsigned failed_wakes = 0;
    unsigned woken = 0;
    bool abandoned = false;
    bool gone = false;  ///< with its context
    bool by_itself = false;
    std::optional<core::end_request> heard;

private:
    bool left = false;
    core::plain<int>
        done_before_departing;  ///< so that the checker sees a thread that reads it too early
    waiting_engine& engine_;
};

inline std::size_t expire(waiting_engine& e, nanos now) {
    waiting_engine::present = std::max(waiting_engine::present, now);
    return core::expire(*e.core, now, e.test_thread()).total();
}

constexpr nanos due() { return 1'000'000'000 + waiting_engine::idle_timeout; }

inline std::uint64_t overstayed(const waiting_engine& e) {
    return core::read_stats(*e.core).overstayed;
}

/// What has ended otherwise is not active any more.
inline void forget(waiting_engine& e, unsigned user) { --e.active, --e.of_user[user], ++e.ended; }

}  // namespace admit::model
