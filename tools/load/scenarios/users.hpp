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

/// Asks once. If admitted, works only when all have asked, so that nobody's end makes room for a
/// late one.
boost::asio::awaitable<void> talk_when_all_asked(stage&, std::size_t user, workload,
                                                 latch& all_asked);

/// The latches by which a holder and the scenario keep in step.
struct meeting {
    latch& asked;
    latch& leave;
    latch& left;
};

/// Asks once, holds the conversation until told to leave, and says so.
boost::asio::awaitable<void> hold_until_told(stage&, std::size_t user, meeting);

/// "admitted", or the reason why not.
std::string outcome(const boost::system::result<watched_permit>& admission);

}  // namespace admit::load
