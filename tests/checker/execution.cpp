// SPDX-License-Identifier: BSL-1.0
#include "checker/execution.hpp"

#include <cassert>
#include <exception>
#include <utility>
#include <vector>

#include "checker/failure.hpp"

namespace admit::model {

namespace {

execution* active_execution = nullptr;

/// The threads of failed executions. Their stacks stay as they are until the process ends.
std::vector<model_thread>& abandoned() {
    static auto* const threads = new std::vector<model_thread>;
    return *threads;
}

}  // namespace

void fail(const std::string& description) {
    assert(execution::active() != nullptr);
    execution::active()->fail(description);
}

execution* execution::active() { return active_execution; }

execution::~execution() {
    assert(active_execution != this);
    if (failed()) {
        abandon_threads();
    }
}

// --- One execution ------------------------------------------------------------------------------

void execution::begin(const parameters& given, strategy& choices) {
    if (failed()) {
        abandon_threads();
        failure_.clear();
    }
    choices_ = &choices;
    choices.begin_execution();
    memory_.begin_execution(choices, given.limits);
    scheduler_.begin_execution(given.config, given.limits, given.reduce, choices);
    threads_.clear();
    now_ = 0;
}

void execution::run(const std::function<void()>& body, const parameters& given, strategy& choices) {
    assert(active_execution == nullptr);  // executions do not nest
    begin(given, choices);
    active_execution = this;
    threads_.set_running(start(body, {}));
    threads_.running().starting = false;
    switch_context(explorer_context_, threads_.running().stack->state());
    assert(active_execution == this);
    active_execution = nullptr;
    if (!failed() && choices.path().diverged()) {
        failure_ = "the test is not deterministic, or the seed is of another test or version";
    }
}

void execution::fail(const std::string& description) {
    assert(active_execution == this && !failed());
    failure_ = description;
    switch_context(threads_.running().stack->state(), explorer_context_);
    std::terminate();  // a failed execution is never continued
}

void execution::abandon_threads() {
    expect_leaks();
    for (model_thread& thread : threads_.all()) {
        abandoned().push_back(std::move(thread));
        thread = model_thread{};
    }
}

// --- Threads ------------------------------------------------------------------------------------

thread_id execution::start(std::function<void()> body, const vector_clock& clock) {
    if (threads_.size() == max_threads) {
        fail("too many threads: the checker supports " + std::to_string(max_threads));
    }
    const thread_id id = threads_.add();
    model_thread& started = threads_[id];
    if (started.stack == nullptr) {
        started.stack = std::make_unique<fiber>(&thread_main, this);
    }
    started.body = std::move(body);
    started.clock = clock;
    started.starting = true;
    return id;
}

void execution::thread_main(void* argument) {
    auto& self = *static_cast<execution*>(argument);
    for (;;) {
        try {
            self.threads_.running().body();
            self.threads_.running().body = nullptr;  // its captures end with the thread
        } catch (const std::exception& thrown) {
            self.fail(std::string{"uncaught exception: "} + thrown.what());
        } catch (...) {
            self.fail("uncaught exception");
        }
        self.finish_running();
    }
}

void execution::finish_running() {
    record(operation_kind::finish);
    model_thread& done = threads_.running();
    assert(!done.finished);
    done.finished = true;
    if (threads_.running_id() == 0) {
        finish_body();
    } else if (done.starting) {
        return_to_spawner();
    } else {
        switch_to(scheduler_.next());
    }
}

void execution::finish_body() {
    for (thread_id other = 1; other < threads_.size(); ++other) {
        if (!threads_[other].finished) {
            fail("the test body ended before " + thread_name(other));
        }
    }
    switch_context(threads_.running().stack->state(), explorer_context_);
}

void execution::switch_to(thread_id thread) {
    if (thread == threads_.running_id()) {
        return;
    }
    model_thread& from = threads_.running();
    from.steps_without_switch = 0;
    threads_.set_running(thread);
    assert(!threads_.running().starting);
    switch_context(from.stack->state(), threads_.running().stack->state());
}

void execution::return_to_spawner() {
    model_thread& from = threads_.running();
    threads_.set_running(from.spawner);
    switch_context(from.stack->state(), threads_.running().stack->state());
}

void execution::scheduling_point(const operation& op) {
    assert(is_scheduling_point(op.kind));
    model_thread& running = threads_.running();
    assert(!running.finished);
    // Whether the operation before made progress is known only now.
    running.steps_without_progress = memory_.progressed() ? 0 : running.steps_without_progress + 1;
    running.pending = op;
    if (running.starting) {
        running.starting = false;
        return_to_spawner();
    } else {
        switch_to(scheduler_.next());
    }
    assert(&threads_.running() == &running);
    memory_.assume_progress();
}

void execution::record(operation_kind kind, std::uint32_t object, bool failed) {
    memory_.events().push_back(
        {.kind = kind, .thread = threads_.running_id(), .failed = failed, .object = object});
}

}  // namespace admit::model
