#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>

#include "checker/step.hpp"
#include "checker/vector_clock.hpp"

namespace admit::model {

// What a test body and its threads may call while an execution runs.

/// A thread of the test; joins in its destructor if nobody did before.
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

/// T0 is the test body, T1 the thread it started first.
thread_id this_thread();

/// Fails the execution unless `condition`.
void check(bool condition, std::string_view text);

/// One of 0 ... alternatives - 1; all of them are explored.
unsigned choose(unsigned alternatives);

/// "I wait for another thread": for the body of a loop that spins.
void yield();

/// Blocks until unpark(this thread) was called, once for any number of calls.
void park();
/// As park(), but may also time out, at any moment: it then moves the clock to `deadline` and
/// returns false.
bool park_until(std::chrono::nanoseconds deadline);
void unpark(thread_id thread);
void unpark(const thread& other);

/// Asks a thread to stop, and unparks it.
void cancel(thread_id thread);
/// Whether somebody asked this thread to stop.
bool cancellation_point();

/// Gives an address a name in printed interleavings.
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
