#include "checker/execution.hpp"

#include <exception>
#include <utility>

#include "checker/failure.hpp"

namespace admit::model {

namespace {

execution* running = nullptr;

/// Operations of one thread in succession after which it has to give way even if it changed
/// something each time, as one that counts its turns while it spins.
constexpr unsigned solo_limit = 1'000;

std::string thread_name(thread_id thread) { return "T" + std::to_string(thread); }

/// The threads of failed executions, which stay where they are for ever.
std::vector<model_thread>& abandoned() {
    static auto* const threads = new std::vector<model_thread>;
    return *threads;
}

}  // namespace

void fail(const std::string& what) { execution::active()->fail(what); }

execution::~execution() {
    if (failed()) {
        abandon_threads();
    }
}

execution* execution::active() { return running; }

void execution::abandon_threads() {
    expect_leaks();
    for (model_thread& thread : threads_) {
        abandoned().push_back(std::move(thread));
        thread = model_thread{};
    }
}

// --- One execution ------------------------------------------------------------------------------

void execution::begin(const plan& how, strategy& choices) {
    if (failed()) {
        abandon_threads();
        failure_.clear();
    }
    options_ = how.test;
    limits_ = how.limits;
    reduce_ = how.reduce;
    choices_ = &choices;
    choices.begin_execution();
    memory_.begin_execution(choices, limits_);
    thread_count_ = 0;
    asleep_ = 0;
    preemptions_ = 0;
    preemption_bound_reached_ = false;
    draining_ = false;
    yielding_ = false;
    forced_to_yield_ = false;
    suspended_ = nobody;
    suspension_used_ = false;
    steps_ = 0;
    now_ = 0;
}

void execution::run(const std::function<void()>& body, const plan& how, strategy& choices) {
    begin(how, choices);
    running = this;
    current_ = start(body, {});
    self().starting = false;
    switch_context(host_, self().flow->state());
    running = nullptr;
    if (!failed() && choices.path().diverged()) {
        failure_ = "the test is not deterministic, or the seed is of another test or version";
    }
}

void execution::fail(const std::string& what) {
    failure_ = what;
    context& here = self().flow->state();
    switch_context(here, host_);
    std::terminate();  // nobody continues a failed execution
}

thread_id execution::start(std::function<void()> body, const vector_clock& clock) {
    if (thread_count_ == max_threads) {
        fail("too many threads: the checker supports " + std::to_string(max_threads));
    }
    const auto id = static_cast<thread_id>(thread_count_++);
    model_thread& made = threads_[id];
    std::unique_ptr<fiber> flow = std::move(made.flow);
    made = model_thread{};
    made.flow = flow != nullptr ? std::move(flow) : std::make_unique<fiber>(&thread_main, this);
    made.body = std::move(body);
    made.clock = clock;
    made.started = true;
    made.starting = true;
    return id;
}

void execution::thread_main(void* argument) {
    auto& engine = *static_cast<execution*>(argument);
    for (;;) {
        try {
            engine.self().body();
            engine.self().body = nullptr;  // what it captured ends with its thread
        } catch (const std::exception& thrown) {
            engine.fail(std::string{"uncaught exception: "} + thrown.what());
        } catch (...) {
            engine.fail("uncaught exception");
        }
        engine.finish_current();
    }
}

void execution::finish_current() {
    note(operation_kind::finish);
    model_thread& done = self();
    done.finished = true;
    const thread_id me = current_;
    if (me == 0) {
        for (std::size_t i = 1; i < thread_count_; ++i) {
            if (!threads_[i].finished) {
                fail("the test body ended before " + thread_name(static_cast<thread_id>(i)));
            }
        }
        switch_context(done.flow->state(), host_);
    } else if (done.starting) {
        current_ = done.spawner;
        switch_context(done.flow->state(), self().flow->state());
    } else {
        schedule();
    }
}

void execution::switch_to(thread_id thread) {
    if (thread == current_) {
        return;
    }
    context& from = self().flow->state();
    self().solo_steps = 0;
    current_ = thread;
    switch_context(from, self().flow->state());
}

void execution::note(operation_kind kind, std::uint32_t object, bool failed) {
    memory_.events().push_back(
        {.kind = kind, .thread = current_, .failed = failed, .object = object});
}

// --- Scheduling ---------------------------------------------------------------------------------

void execution::reach(const operation& op) {
    model_thread& me = self();
    // What the last operation brought is known only now.
    me.idle_steps = memory_.progressed() ? 0 : me.idle_steps + 1;
    me.pending = op;
    if (me.starting) {
        me.starting = false;
        current_ = me.spawner;
        switch_context(me.flow->state(), self().flow->state());
    } else {
        schedule();
    }
    memory_.assume_progress();
}

bool execution::enabled(thread_id thread) const {
    const model_thread& it = threads_[thread];
    if (!it.started || it.starting || it.finished || thread == suspended_) {
        return false;
    }
    if (it.pending.kind == operation_kind::park) {
        return it.token;
    }
    if (it.pending.kind == operation_kind::join) {
        for (std::size_t i = 0; i < thread_count_; ++i) {
            if (((it.joins >> i) & 1U) != 0 && !threads_[i].finished) {
                return false;
            }
        }
    }
    return true;
}

bool execution::may_preempt() const {
    return limits_.preemptions == unlimited || preemptions_ < limits_.preemptions;
}

bool execution::spinning() const {
    const model_thread& it = threads_[current_];
    return it.pending.kind == operation_kind::yield || it.idle_steps >= options_->spin_limit ||
           it.solo_steps >= solo_limit;
}

void execution::count_step() {
    if (++steps_ > options_->step_budget) {
        fail("livelock: no end after " + std::to_string(options_->step_budget) +
             " steps of a fair schedule");
    }
    model_thread& me = self();
    ++me.solo_steps;
    if (suspended_ != nobody && ++me.steps_while_suspended > options_->suspended_step_budget) {
        fail("not lock-free: " + thread_name(current_) + " does not finish within " +
             std::to_string(options_->suspended_step_budget) + " steps while " +
             thread_name(suspended_) + " is suspended");
    }
}

/// Chooses who goes on and switches there; returns when the caller was chosen (again).
void execution::schedule() {
    count_step();
    collect_candidates();
    while (candidates_.empty()) {
        resolve_stall();
        collect_candidates();
    }
    std::size_t chosen = 0;
    if (candidates_.size() > 1) {
        chosen = choices_->pick_thread(candidates_, current_, yielding_);
    }
    apply(chosen);
}

void execution::collect_candidates() {
    candidates_.clear();
    const bool can_go_on = enabled(current_);
    yielding_ = can_go_on && spinning();
    forced_to_yield_ |= yielding_ && self().pending.kind != operation_kind::yield;
    if (draining_) {
        drain();
    } else if (yielding_) {
        collect_after_yield();
    } else {
        collect_switch(can_go_on);
    }
    if (can_go_on && options_->lock_freedom && !suspension_used_ && !draining_) {
        collect_suspensions();
    }
}

void execution::collect_switch(bool running_may_go_on) {
    const bool voluntary = !running_may_go_on || is_blocking(self().pending);
    if (running_may_go_on) {
        candidates_.push_back({current_, false, false});
    }
    collect_others(!voluntary);
}

void execution::collect_others(bool preempts) {
    for (thread_id other = 0; other < thread_count_; ++other) {
        if (other == current_ || !enabled(other) || asleep(other)) {
            continue;
        }
        if (preempts && !may_preempt()) {
            preemption_bound_reached_ = true;
            return;
        }
        candidates_.push_back({other, preempts, false});
    }
}

/// A thread that waits must not go on before somebody else did. The next one in turn is free, so
/// that every schedule is fair; any other costs a preemption, so that there are finitely many.
void execution::collect_after_yield() {
    self().idle_steps = 0;
    bool first = true;
    bool alone = true;
    for (std::size_t i = 1; i < thread_count_; ++i) {
        const auto other = static_cast<thread_id>((current_ + i) % thread_count_);
        alone = alone && !enabled(other);
        if (!enabled(other) || asleep(other)) {
            continue;
        }
        if (!first && !may_preempt()) {
            preemption_bound_reached_ = true;
            return;
        }
        candidates_.push_back({other, !first, false});
        first = false;
    }
    if (alone) {
        candidates_.push_back({current_, false, false});
    }
}

void execution::collect_suspensions() {
    for (thread_id other = 0; other < thread_count_; ++other) {
        if (other != current_ && enabled(other)) {
            candidates_.push_back({other, false, true});
        }
    }
}

/// Runs a pruned execution to its end, so that its objects are destroyed: whoever can go on does,
/// in turn when it waits.
void execution::drain() {
    for (std::size_t i = yielding_ ? 1 : 0; i <= thread_count_; ++i) {
        const auto next = static_cast<thread_id>((current_ + i) % thread_count_);
        if (enabled(next)) {
            candidates_.push_back({next, false, false});
            return;
        }
    }
}

void execution::resolve_stall() {
    for (thread_id thread = 0; thread < thread_count_; ++thread) {
        if (enabled(thread)) {  // and asleep, or waiting for one that is
            draining_ = true;
            asleep_ = 0;
            memory_.stop_branching();
            return;
        }
    }
    if (suspended_ != nobody) {
        resume_suspended();
        return;
    }
    fail("deadlock (a lost wake-up, if a parked thread should have been woken):" +
         describe_blocked());
}

/// The others have finished, or wait for the end of the suspended thread, as the test body does.
void execution::resume_suspended() {
    for (thread_id thread = 0; thread < thread_count_; ++thread) {
        const model_thread& it = threads_[thread];
        const bool parked = !it.finished && it.pending.kind == operation_kind::park;
        if (thread != suspended_ && parked && !options_->parking_is_progress) {
            fail("not lock-free: nobody can go on while " + thread_name(suspended_) +
                 " is suspended:" + describe_blocked());
        }
    }
    const thread_id resumed = std::exchange(suspended_, nobody);
    memory_.events().push_back({.kind = operation_kind::resume, .thread = resumed});
}

std::string execution::describe_blocked() const {
    std::string text;
    for (thread_id thread = 0; thread < thread_count_; ++thread) {
        const model_thread& it = threads_[thread];
        if (!it.finished) {
            text += " " + thread_name(thread) + " in " + std::string{to_string(it.pending.kind)};
        }
    }
    return text;
}

void execution::apply(std::size_t chosen) {
    const candidate next = candidates_[chosen];
    if (next.suspends) {
        note(operation_kind::suspend);
        suspended_ = current_;
        suspension_used_ = true;
    }
    preemptions_ += next.preempts ? 1 : 0;
    if (reduce_) {
        put_to_sleep(chosen);
        wake_dependent(threads_[next.thread].pending);
        asleep_ &= ~(std::uint64_t{1} << next.thread);
    }
    switch_to(next.thread);
}

/// Sleep sets (Godefroid 1996): what begins with an alternative that was explored before need not
/// be explored again after steps that commute with it. Under a preemption bound only the thread
/// that could have gone on for free may sleep: its earlier execution costs no more preemptions
/// than the one that is left out. See "Reduction" in README.md for the argument.
void execution::put_to_sleep(std::size_t chosen) {
    for (std::size_t i = 0; i < chosen; ++i) {
        const thread_id thread = candidates_[i].thread;
        const bool free = thread == current_ && !yielding_ && !is_blocking(self().pending);
        if ((free || limits_.preemptions == unlimited) &&
            is_memory_operation(threads_[thread].pending)) {
            asleep_ |= std::uint64_t{1} << thread;
        }
    }
}

void execution::wake_dependent(const operation& op) {
    if (asleep_ == 0) {
        return;
    }
    for (thread_id thread = 0; thread < thread_count_; ++thread) {
        if (asleep(thread) && dependent(threads_[thread].pending, op)) {
            asleep_ &= ~(std::uint64_t{1} << thread);
        }
    }
}

// --- Operations that are not memory -------------------------------------------------------------

unsigned execution::choose(unsigned arity) {
    const unsigned outcome = arity > 1 && !draining_ ? choices_->pick_outcome(arity) : 0;
    note(operation_kind::choice, outcome);
    return outcome;
}

void execution::label(const char* text) {
    memory_.events().push_back({.kind = operation_kind::label, .thread = current_, .label = text});
}

thread_id execution::spawn(std::function<void()> body) {
    const thread_id parent = current_;
    self().clock.tick(parent);
    const thread_id child = start(std::move(body), self().clock);
    note(operation_kind::spawn, child);
    // Up to its first operation a thread does nothing that others see.
    threads_[child].spawner = parent;
    current_ = child;
    switch_context(threads_[parent].flow->state(), self().flow->state());
    return child;
}

void execution::join(std::uint64_t threads) {
    self().joins = threads;
    reach({.kind = operation_kind::join});
    for (std::size_t i = 0; i < thread_count_; ++i) {
        if (((threads >> i) & 1U) != 0) {
            self().clock.join(threads_[i].clock);
        }
    }
}

void execution::yield() {
    reach({.kind = operation_kind::yield});
    note(operation_kind::yield);
}

void execution::park() {
    reach({.kind = operation_kind::park});
    note(operation_kind::park);
    self().token = false;
    self().clock.join(self().token_clock);
}

bool execution::park_until(std::uint64_t deadline) {
    reach({.kind = operation_kind::park_until});
    const bool unparked = std::exchange(self().token, false);
    note(operation_kind::park_until, 0, !unparked);
    if (unparked) {
        self().clock.join(self().token_clock);
    } else if (now_ < deadline) {
        now_ = deadline;
    }
    return unparked;
}

void execution::unpark(thread_id thread) {
    reach({.kind = operation_kind::unpark});
    note(operation_kind::unpark, thread);
    self().clock.tick(current_);
    threads_[thread].token = true;
    threads_[thread].token_clock.join(self().clock);
}

void execution::cancel(thread_id thread) {
    reach({.kind = operation_kind::cancel});
    note(operation_kind::cancel, thread);
    self().clock.tick(current_);
    threads_[thread].cancelled = true;
    threads_[thread].cancel_clock.join(self().clock);
    threads_[thread].token = true;
    threads_[thread].token_clock.join(self().clock);
}

bool execution::cancellation_point() {
    reach({.kind = operation_kind::cancellation_point});
    note(operation_kind::cancellation_point, 0, !self().cancelled);
    if (self().cancelled) {
        self().clock.join(self().cancel_clock);
    }
    return self().cancelled;
}

std::uint64_t execution::read_clock() {
    reach({.kind = operation_kind::read_clock});
    note(operation_kind::read_clock);
    return now_;
}

void execution::advance_clock(std::uint64_t by) {
    reach({.kind = operation_kind::advance_clock});
    note(operation_kind::advance_clock);
    now_ += by;
}

}  // namespace admit::model
