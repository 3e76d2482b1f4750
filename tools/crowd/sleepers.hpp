// SPDX-License-Identifier: BSL-1.0
// The two kinds of timers by which the users of a crowd sleep. Used by context_thread.cpp.
#pragma once

#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "crowd/wheel_clock.hpp"

namespace admit::crowd {

using steady = std::chrono::steady_clock;

/// Asio's heap of timers. The timer lives in the frame of the coroutine.
class heap_sleeper {
public:
    heap_sleeper(boost::asio::io_context& context, wheel_clock&) : timer_(context) {}

    auto until(steady::time_point when) {
        timer_.expires_at(when);
        return timer_.async_wait(boost::asio::deferred);
    }

private:
    boost::asio::steady_timer timer_;
};

/// The timing wheel of wheel_clock.hpp.
class wheel_sleeper {
public:
    wheel_sleeper(boost::asio::io_context&, wheel_clock& wheel) : wheel_(wheel) {}

    auto until(steady::time_point when) {
        return wheel_.async_wait_until(when, boost::asio::deferred);
    }

private:
    wheel_clock& wheel_;
};

}  // namespace admit::crowd
