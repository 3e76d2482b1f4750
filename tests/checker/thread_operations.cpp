// SPDX-License-Identifier: BSL-1.0
// The operations of class execution on threads and on the clock. thread.hpp describes them.

#include <cassert>
#include <utility>

#include "checker/execution.hpp"

namespace admit::model {

unsigned execution::choose(unsigned arity) {
    const bool branches = arity > 1 && !scheduler_.pruned();
    const unsigned outcome = branches ? choices_->pick_outcome(arity) : 0;
    assert(outcome < arity);
    record(operation_kind::choice, outcome);
    return outcome;
}

void execution::label(const char* text) {
    memory_.events().push_back(
        {.kind = operation_kind::label, .thread = threads_.running_id(), .label = text});
}

thread_id execution::spawn(std::function<void()> body) {
    model_thread& parent = threads_.running();
    const thread_id parent_id = threads_.running_id();
    parent.clock.tick(parent_id);
    const thread_id child = start(std::move(body), parent.clock);
    record(operation_kind::spawn, child);
    // Before its first scheduling point a thread does nothing that another thread can observe.
    threads_[child].spawner = parent_id;
    threads_.set_running(child);
    switch_context(parent.stack->state(), threads_.running().stack->state());
    assert(threads_.running_id() == parent_id);
    return child;
}

void execution::join(std::uint64_t threads) {
    model_thread& running = threads_.running();
    running.joins = threads;
    scheduling_point({.kind = operation_kind::join});
    threads_.for_each_of(threads, [&](const model_thread& joined) {
        assert(joined.finished);
        running.clock.join(joined.clock);
    });
}

void execution::yield() {
    scheduling_point({.kind = operation_kind::yield});
    record(operation_kind::yield);
}

void execution::park() {
    scheduling_point({.kind = operation_kind::park});
    record(operation_kind::park);
    model_thread& running = threads_.running();
    assert(running.token);
    running.token = false;
    running.clock.join(running.token_clock);
}

bool execution::park_until(std::uint64_t deadline) {
    scheduling_point({.kind = operation_kind::park_until});
    model_thread& running = threads_.running();
    const bool unparked = std::exchange(running.token, false);
    record(operation_kind::park_until, 0, !unparked);
    if (unparked) {
        running.clock.join(running.token_clock);
    } else if (now_ < deadline) {
        now_ = deadline;
    }
    return unparked;
}

model_thread& execution::started_thread(thread_id thread, const char* operation) {
    if (thread >= threads_.size()) {
        fail(std::string{operation} + ": " + thread_name(thread) + " has not been started");
    }
    return threads_[thread];
}

void execution::give_token(model_thread& to) {
    to.token = true;
    to.token_clock.join(threads_.running().clock);
}

void execution::unpark(thread_id thread) {
    scheduling_point({.kind = operation_kind::unpark});
    record(operation_kind::unpark, thread);
    model_thread& target = started_thread(thread, "unpark");
    threads_.running().clock.tick(threads_.running_id());
    give_token(target);
}

void execution::cancel(thread_id thread) {
    scheduling_point({.kind = operation_kind::cancel});
    record(operation_kind::cancel, thread);
    model_thread& target = started_thread(thread, "cancel");
    threads_.running().clock.tick(threads_.running_id());
    target.cancelled = true;
    target.cancel_clock.join(threads_.running().clock);
    give_token(target);
}

bool execution::cancellation_point() {
    scheduling_point({.kind = operation_kind::cancellation_point});
    model_thread& running = threads_.running();
    record(operation_kind::cancellation_point, 0, !running.cancelled);
    if (running.cancelled) {
        running.clock.join(running.cancel_clock);
    }
    return running.cancelled;
}

std::uint64_t execution::read_clock() {
    scheduling_point({.kind = operation_kind::read_clock});
    record(operation_kind::read_clock);
    return now_;
}

void execution::advance_clock(std::uint64_t by) {
    scheduling_point({.kind = operation_kind::advance_clock});
    record(operation_kind::advance_clock);
    assert(now_ + by >= now_);
    now_ += by;
}

}  // namespace admit::model
