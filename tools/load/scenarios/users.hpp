// The kinds of users that more than one scenario is made of.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "load/harness/latch.hpp"
#include "load/harness/stage.hpp"

namespace admit::load {

/// What a conversation consists of.
struct workload {
    admit::duration step;
    int steps;
    std::uint32_t kind = 0;
};

/// The latches of users who ask at once: they work only when all have asked, so that nobody's end
/// makes room for a late one.
struct crowd {
    latch& asked;
    latch& may_work;
};

/// Latches for so many users.
crowd new_crowd(stage&, std::size_t users);

/// Asks once; if admitted, works as soon as the crowd may.
boost::asio::awaitable<void> talk_when_all_asked(stage&, std::size_t user, workload, crowd);

/// Lets the crowd work when all of it have asked, which are so many attempts in the whole run, and
/// checks that those for whom there is no room wait, if they may.
boost::asio::awaitable<void> let_work_when_all_asked(stage&, crowd, std::uint64_t attempts);

/// Completes when there were so many attempts in the whole run, and each was answered or waits.
boost::asio::awaitable<void> until_settled(stage&, std::uint64_t attempts);

/// Who waits now, by the engine.
void expect_waiting(stage&, std::size_t waiters, std::string_view when);

/// Whether the queue held users up longer than the limit does by itself, when a crowd had
/// conversations of this length. Nobody waits, nothing to judge.
void judge_waits(const plan&, const metrics&, admit::duration conversation, checklist&);

/// The latches by which a holder and the scenario keep in step.
struct meeting {
    latch& asked;
    latch& leave;
    latch& left;
};

/// Asks once, waits for room if that is what the plan says, holds the conversation until told to
/// leave, and says so.
boost::asio::awaitable<void> hold_until_told(stage&, std::size_t user, meeting);

/// "admitted", or the reason why not.
std::string outcome(const boost::system::result<watched_permit>& admission);

}  // namespace admit::load
