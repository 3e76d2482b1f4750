// The two ways in which a user of a crowd sleeps.
#pragma once

#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "load/million/wheel_clock.hpp"

namespace admit::load::million {

using steady = std::chrono::steady_clock;

/// By Asio's heap of timers. Lives in the frame of the coroutine.
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

/// By the harness's wheel.
class wheel_sleeper {
public:
    wheel_sleeper(boost::asio::io_context&, wheel_clock& wheel) : wheel_(wheel) {}

    auto until(steady::time_point when) {
        return wheel_.async_wait_until(when, boost::asio::deferred);
    }

private:
    wheel_clock& wheel_;
};

}  // namespace admit::load::million
