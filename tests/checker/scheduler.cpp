// SPDX-License-Identifier: BSL-1.0
#include "checker/scheduler.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "checker/failure.hpp"

namespace admit::model {

namespace {

/// Steps of one thread without a switch after which it gives way, even if each step makes progress:
/// a thread may count its attempts while it spins.
constexpr unsigned max_steps_without_switch = 1'000;

}  // namespace

void scheduler::begin_execution(const options& config, const budget& limits, bool reduce,
                                strategy& choices) {
    options_ = &config;
    limits_ = limits;
    reduce_ = reduce;
    choices_ = &choices;
    asleep_.clear();
    steps_ = 0;
    preemptions_ = 0;
    preemption_bound_reached_ = false;
    pruned_ = false;
    yielding_ = false;
    forced_to_yield_ = false;
    suspended_ = no_thread;
    suspension_used_ = false;
}

thread_id scheduler::next() {
    count_step();
    collect_candidates();
    while (candidates_.empty()) {
        resolve_stall();
        collect_candidates();
    }
    assert(candidates_are_valid());
    std::size_t chosen = 0;
    if (candidates_.size() > 1) {
        chosen = choices_->pick_thread(candidates_, threads_.running_id(), yielding_);
    }
    return apply(chosen);
}

// --- State --------------------------------------------------------------------------------------

bool scheduler::enabled(thread_id thread) const {
    const model_thread& state = threads_[thread];
    if (state.starting || state.finished || thread == suspended_) {
        return false;
    }
    switch (state.pending.kind) {
        case operation_kind::park: return state.token;
        case operation_kind::join: return joinable(state.joins);
        default: return true;
    }
}

bool scheduler::joinable(std::uint64_t threads) const {
    bool all_finished = true;
    threads_.for_each_of(threads, [&](const model_thread& joined) {
        all_finished = all_finished && joined.finished;
    });
    return all_finished;
}

bool scheduler::may_preempt() const {
    return limits_.preemptions == unlimited || preemptions_ < limits_.preemptions;
}

bool scheduler::spinning() const {
    const model_thread& running = threads_.running();
    return running.pending.kind == operation_kind::yield ||
           running.steps_without_progress >= options_->spin_limit ||
           running.steps_without_switch >= max_steps_without_switch;
}

void scheduler::count_step() {
    if (++steps_ > options_->step_budget) {
        fail("livelock: no end after " + std::to_string(options_->step_budget) +
             " steps of a fair schedule");
    }
    ++threads_.running().steps_without_switch;
    if (suspended_ != no_thread) {
        check_suspended_steps();
    }
}

void scheduler::check_suspended_steps() {
    assert(threads_.running_id() != suspended_);
    if (++threads_.running().steps_while_suspended > options_->suspended_step_budget) {
        fail("not lock-free: " + thread_name(threads_.running_id()) + " does not finish within " +
             std::to_string(options_->suspended_step_budget) + " steps while " +
             thread_name(suspended_) + " is suspended");
    }
}

// --- Candidates ---------------------------------------------------------------------------------

void scheduler::collect_candidates() {
    candidates_.clear();
    const bool running_enabled = enabled(threads_.running_id());
    yielding_ = running_enabled && spinning();
    forced_to_yield_ |= yielding_ && threads_.running().pending.kind != operation_kind::yield;
    if (pruned_) {
        collect_next_of_pruned();
    } else if (yielding_) {
        collect_after_yield();
    } else {
        collect_switch(running_enabled);
    }
    if (running_enabled && options_->lock_freedom && !suspension_used_ && !pruned_) {
        collect_suspensions();
    }
}

void scheduler::collect_switch(bool running_enabled) {
    const bool voluntary = !running_enabled || is_blocking(threads_.running().pending.kind);
    if (running_enabled) {
        candidates_.push_back({threads_.running_id(), false, false});
    }
    collect_others(!voluntary);
}

void scheduler::collect_others(bool preempts) {
    for (thread_id other = 0; other < threads_.size(); ++other) {
        if (other == threads_.running_id() || !enabled(other) || asleep_.contains(other)) {
            continue;
        }
        if (preempts && !may_preempt()) {
            preemption_bound_reached_ = true;
            return;
        }
        candidates_.push_back({other, preempts, false});
    }
}

/// A thread that yields goes on only after a step of another thread. The next thread in turn costs
/// no preemption, so that every bound has a fair schedule. Any other thread costs a preemption, so
/// that the schedules of a bound are finitely many.
void scheduler::collect_after_yield() {
    threads_.running().steps_without_progress = 0;
    bool first = true;
    bool alone = true;
    for (std::size_t i = 1; i < threads_.size(); ++i) {
        const auto other = static_cast<thread_id>((threads_.running_id() + i) % threads_.size());
        alone = alone && !enabled(other);
        if (!enabled(other) || asleep_.contains(other)) {
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
        candidates_.push_back({threads_.running_id(), false, false});
    }
}

void scheduler::collect_suspensions() {
    for (thread_id other = 0; other < threads_.size(); ++other) {
        if (other != threads_.running_id() && enabled(other)) {
            candidates_.push_back({other, false, true});
        }
    }
}

/// A pruned execution runs to its end, so that its objects are destroyed. The running thread goes
/// on as long as it is enabled and does not yield; then the next thread in turn does.
void scheduler::collect_next_of_pruned() {
    for (std::size_t i = yielding_ ? 1 : 0; i <= threads_.size(); ++i) {
        const auto next = static_cast<thread_id>((threads_.running_id() + i) % threads_.size());
        if (enabled(next)) {
            candidates_.push_back({next, false, false});
            return;
        }
    }
}

/// Every candidate is enabled, within the bound on preemptions, and not asleep.
bool scheduler::candidates_are_valid() const {
    return std::all_of(candidates_.begin(), candidates_.end(), [this](const candidate& c) {
        return enabled(c.thread) && (!c.preempts || may_preempt()) &&
               (c.thread == threads_.running_id() || !asleep_.contains(c.thread));
    });
}

// --- Stalls -------------------------------------------------------------------------------------

/// No thread is a candidate. Either all enabled threads are asleep, and the execution repeats
/// another execution; or a suspended thread holds up the others; or there is a deadlock.
void scheduler::resolve_stall() {
    for (thread_id thread = 0; thread < threads_.size(); ++thread) {
        if (enabled(thread)) {
            assert(reduce_ && !pruned_);
            pruned_ = true;
            asleep_.clear();
            memory_.stop_branching();
            return;
        }
    }
    if (suspended_ != no_thread) {
        resume_suspended();
        return;
    }
    fail("deadlock (a lost wake-up, if a parked thread should have been woken):" +
         describe_blocked());
}

/// The other threads have finished, or join the suspended thread, as the test body does.
void scheduler::resume_suspended() {
    for (thread_id thread = 0; thread < threads_.size(); ++thread) {
        const model_thread& state = threads_[thread];
        const bool parked = !state.finished && state.pending.kind == operation_kind::park;
        if (thread != suspended_ && parked && !options_->parking_is_progress) {
            fail("not lock-free: no other thread can go on while " + thread_name(suspended_) +
                 " is suspended:" + describe_blocked());
        }
    }
    const thread_id resumed = std::exchange(suspended_, no_thread);
    memory_.events().push_back({.kind = operation_kind::resume, .thread = resumed});
}

std::string scheduler::describe_blocked() const {
    std::string text;
    for (thread_id thread = 0; thread < threads_.size(); ++thread) {
        const model_thread& state = threads_[thread];
        if (!state.finished) {
            text += ' ' + thread_name(thread) + " in " + std::string{to_string(state.pending.kind)};
        }
    }
    return text;
}

// --- The choice ---------------------------------------------------------------------------------

thread_id scheduler::apply(std::size_t chosen) {
    assert(chosen < candidates_.size());
    const candidate next = candidates_[chosen];
    if (next.suspends) {
        assert(suspended_ == no_thread && !suspension_used_);
        suspended_ = threads_.running_id();
        suspension_used_ = true;
        memory_.events().push_back({.kind = operation_kind::suspend, .thread = suspended_});
    }
    preemptions_ += next.preempts ? 1 : 0;
    if (reduce_) {
        put_to_sleep(chosen);
        asleep_.step(next.thread, threads_);
    }
    return next.thread;
}

/// Candidates before the chosen candidate were explored first, so they sleep. Under a preemption
/// bound only the running thread may sleep, where going on is free: the execution that stands for
/// the one left out then needs no more preemptions. design.md#reduction has the argument.
void scheduler::put_to_sleep(std::size_t chosen) {
    for (std::size_t i = 0; i < chosen; ++i) {
        const thread_id thread = candidates_[i].thread;
        const operation& pending = threads_[thread].pending;
        const bool free =
            thread == threads_.running_id() && !yielding_ && !is_blocking(pending.kind);
        if ((free || limits_.preemptions == unlimited) && is_memory_operation(pending.kind)) {
            asleep_.insert(thread, pending);
        }
    }
}

}  // namespace admit::model
