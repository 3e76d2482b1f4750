// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>

#include "checker/step.hpp"
#include "checker/thread_id.hpp"

namespace admit::model {

// For a test body and its threads, while an execution runs.

/// A thread of the test. The destructor joins it, unless join() was called.
class thread {
public:
    explicit thread(std::function<void()> body);
    thread(const thread&) = delete;
    thread& operator=(const thread&) = delete;
    ~thread();

    void join();
    [[nodiscard]] thread_id id() const { return id_; }

private:
    thread_id id_;
    bool joined_ = false;
};

/// Starts a thread for each body and waits for all of them.
void run(std::initializer_list<std::function<void()>> bodies);

/// The number of the running thread. T0 runs the test body, T1 is the first thread it started.
thread_id this_thread();

/// Fails the execution unless `condition`.
void check(bool condition, std::string_view text);

/// A number from 0 to `alternatives` - 1; the search explores each of them. `alternatives` is from
/// 1 to 61.
unsigned choose(unsigned alternatives);

/// The running thread waits for a step of another thread. To be called in a loop that spins.
void yield();

/// Takes the token of the running thread; blocks until it has a token.
void park();
/// As park(), but may time out at any moment. A time-out moves the clock to `deadline` and returns
/// false.
bool park_until(std::chrono::nanoseconds deadline);
/// Gives the thread a token, if it has none.
void unpark(thread_id thread);
void unpark(const thread& other);

/// Asks a thread to stop, and unparks it.
void cancel(thread_id thread);
/// Whether the running thread was asked to stop.
bool cancellation_point();

/// Gives the object a name in printed interleavings.
void name(const void* object, const char* text);

/// Virtual time. It starts at zero and moves by advance() and by time-outs only.
struct clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<clock>;
    static constexpr bool is_steady = true;

    static time_point now();
    static void advance(duration by);
};

}  // namespace admit::model
