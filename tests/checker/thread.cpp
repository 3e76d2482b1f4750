// SPDX-License-Identifier: BSL-1.0
#include "checker/thread.hpp"

#include <string>
#include <utility>

#include "checker/execution.hpp"
#include "checker/failure.hpp"

namespace admit::model {

namespace {

std::uint64_t bit(thread_id thread) { return std::uint64_t{1} << thread; }

}  // namespace

thread::thread(std::function<void()> body) : id_(execution::active()->spawn(std::move(body))) {}

thread::~thread() { join(); }

void thread::join() {
    if (!std::exchange(joined_, true)) {
        execution::active()->join(bit(id_));
    }
}

void run(std::initializer_list<std::function<void()>> bodies) {
    execution& active = *execution::active();
    std::uint64_t threads = 0;
    for (const auto& body : bodies) {
        threads |= bit(active.spawn(body));
    }
    active.join(threads);
}

thread_id this_thread() { return execution::active()->current(); }

void check(bool condition, std::string_view text) {
    if (!condition) {
        fail("check failed: " + std::string{text});
    }
}

unsigned choose(unsigned alternatives) {
    if (alternatives == 0 || alternatives > unlimited) {
        fail("choose(): " + std::to_string(alternatives) + " alternatives, allowed are 1 to " +
             std::to_string(unlimited));
    }
    return execution::active()->choose(alternatives);
}

void yield() { execution::active()->yield(); }

void park() { execution::active()->park(); }

bool park_until(std::chrono::nanoseconds deadline) {
    return execution::active()->park_until(static_cast<std::uint64_t>(deadline.count()));
}

void unpark(thread_id thread) { execution::active()->unpark(thread); }

void unpark(const thread& other) { unpark(other.id()); }

void cancel(thread_id thread) { execution::active()->cancel(thread); }

bool cancellation_point() { return execution::active()->cancellation_point(); }

void name(const void* object, const char* text) {
    execution::active()->shared_memory().name(object, text);
}

void step(const char* text) {
    if (execution* const active = execution::active(); active != nullptr) {
        active->label(text);
    }
}

clock::time_point clock::now() {
    return time_point{duration{static_cast<rep>(execution::active()->read_clock())}};
}

void clock::advance(duration by) {
    execution::active()->advance_clock(static_cast<std::uint64_t>(by.count()));
}

}  // namespace admit::model
