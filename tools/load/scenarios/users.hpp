// SPDX-License-Identifier: BSL-1.0
// Simulated users that several scenarios share.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "load/harness/latch.hpp"
#include "load/harness/scenario_run.hpp"

namespace admit::load {

/// The work in one conversation: `steps` sleeps of length `step`.
struct workload {
    admit::duration step;
    int steps;
    std::uint32_t kind = 0;
};

/// The latches of users that request at once. They work only after all have requested, so that no
/// end frees a slot for a late request.
struct simultaneous_start {
    latch& requested;
    latch& may_work;
};

/// Makes the latches for this many users.
simultaneous_start new_simultaneous_start(scenario_run&, std::size_t users);

/// Requests once. If admitted, waits for `may_work`, works and ends.
boost::asio::awaitable<void> converse_after_all_requested(scenario_run&, std::size_t user, workload,
                                                          simultaneous_start);

/// Opens `may_work` when all users have requested; `attempts` is the number of requests in the
/// whole run. With a wait, checks that all users without a slot wait.
boost::asio::awaitable<void> release_after_all_requested(scenario_run&, simultaneous_start,
                                                         std::uint64_t attempts);

/// Completes when the run has made this many requests, and each was answered or waits.
boost::asio::awaitable<void> until_settled(scenario_run&, std::uint64_t attempts);

/// Checks the number of waiters that the engine reports.
void expect_waiting(scenario_run&, std::size_t waiters, std::string_view when);

/// Checks the mean queue wait against the wait that the limit alone causes. Does nothing without
/// a wait. `conversation` is the length of each conversation.
void check_waits(const plan&, const metrics&, admit::duration conversation, checklist&);

/// The latches that synchronise a scenario with users that hold a conversation.
struct holder_latches {
    latch& requested;
    latch& may_end;
    latch& ended;
};

/// Requests once, by the plan with a wait or without. Holds the conversation until `may_end` opens,
/// ends it and arrives at `ended`.
boost::asio::awaitable<void> hold_until_released(scenario_run&, std::size_t user, holder_latches);

/// "admitted", or the message of the rejection.
std::string outcome(const boost::system::result<watched_permit>& admission);

}  // namespace admit::load
