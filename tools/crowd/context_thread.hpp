// SPDX-License-Identifier: BSL-1.0
// An io_context with the thread that runs it, and its share of the users of a crowd.
// Used by crowd.cpp.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <exception>
#include <thread>

#include "common/counter.hpp"
#include "crowd/shared_state.hpp"

namespace admit::crowd {

class alignas(64) context_thread {
public:
    context_thread(shared_state& state, std::size_t number);

    /// Starts the thread, which spawns the users.
    void begin();
    void stop() { context_.stop(); }
    void join() { thread_.join(); }

    std::size_t arrived() const noexcept { return arrived_.get(); }
    std::size_t left() const noexcept { return left_.get(); }

    /// Whether a user threw; `rethrow` throws its exception.
    bool failed() const noexcept { return failed_.load(); }
    void rethrow() const { std::rethrow_exception(exception_); }

    // Call after `join`.
    steady::time_point last_arrival() const noexcept { return last_arrival_; }
    steady::time_point last_departure() const noexcept { return last_departure_; }

    // For the users of this thread.
    const shared_state& state() const noexcept { return state_; }
    admit::engine& engine() noexcept { return *state_.engine; }
    template <class Sleeper>
    Sleeper sleeper() {
        return Sleeper{context_, wheel_};
    }
    void count_arrival() {
        arrived_.add();
        if (arrived_.get() == share_) last_arrival_ = steady::now();
    }
    void count_departure() {
        left_.add();
        if (left_.get() == share_) last_departure_ = steady::now();
    }

private:
    void spawn_batch(std::size_t user);
    void spawn(std::size_t user);

    shared_state& state_;
    std::size_t number_;
    std::size_t share_;
    boost::asio::io_context context_{1};
    wheel_clock wheel_{context_};
    tools::single_writer_counter arrived_;
    tools::single_writer_counter left_;
    std::atomic<bool> failed_{false};
    std::exception_ptr exception_;
    steady::time_point last_arrival_;
    steady::time_point last_departure_;
    std::thread thread_;
};

}  // namespace admit::crowd
