// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker/budget.hpp"
#include "checker/candidate.hpp"
#include "checker/memory.hpp"
#include "checker/options.hpp"
#include "checker/sleep_set.hpp"
#include "checker/strategy.hpp"
#include "checker/thread_table.hpp"

namespace admit::model {

/// Chooses the thread that takes the next step of an execution, within the bounds of the search.
/// Used by `execution`. How the search works and what it leaves out: design.md.
class scheduler {
public:
    scheduler(thread_table& threads, memory& shared) : threads_(threads), memory_(shared) {}

    /// `reduce`: leave out executions that only repeat another execution.
    void begin_execution(const options& config, const budget& limits, bool reduce,
                         strategy& choices);

    /// The thread that does its pending operation next. Fails the execution at a deadlock, a
    /// livelock, or a loss of lock-freedom.
    thread_id next();

    /// The execution repeats another execution; it runs to its end without choices.
    [[nodiscard]] bool pruned() const { return pruned_; }
    [[nodiscard]] bool preemption_bound_reached() const { return preemption_bound_reached_; }
    /// A thread was taken to spin although it did not call yield().
    [[nodiscard]] bool forced_to_yield() const { return forced_to_yield_; }

private:
    [[nodiscard]] bool enabled(thread_id thread) const;
    [[nodiscard]] bool joinable(std::uint64_t threads) const;
    [[nodiscard]] bool spinning() const;
    [[nodiscard]] bool may_preempt() const;
    void count_step();
    void check_suspended_steps();

    void collect_candidates();
    void collect_switch(bool running_enabled);
    void collect_others(bool preempts);
    void collect_after_yield();
    void collect_suspensions();
    void collect_next_of_pruned();
    [[nodiscard]] bool candidates_are_valid() const;

    void resolve_stall();
    void resume_suspended();
    [[nodiscard]] std::string describe_blocked() const;

    thread_id apply(std::size_t chosen);
    void put_to_sleep(std::size_t chosen);

    static constexpr thread_id no_thread = max_threads;

    thread_table& threads_;
    memory& memory_;
    const options* options_ = nullptr;
    budget limits_;
    bool reduce_ = false;
    strategy* choices_ = nullptr;

    std::vector<candidate> candidates_;
    sleep_set asleep_;
    unsigned steps_ = 0;
    unsigned preemptions_ = 0;
    bool preemption_bound_reached_ = false;
    bool pruned_ = false;
    bool yielding_ = false;  ///< the running thread waits for a step of another thread
    bool forced_to_yield_ = false;
    thread_id suspended_ = no_thread;
    bool suspension_used_ = false;
};

}  // namespace admit::model
