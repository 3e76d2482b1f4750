#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checker/budget.hpp"
#include "checker/candidate.hpp"
#include "checker/memory.hpp"
#include "checker/model_thread.hpp"
#include "checker/options.hpp"
#include "checker/strategy.hpp"

namespace admit::model {

/// Runs a test once: its threads are fibers, exactly one runs, and before each operation that
/// others could observe a strategy chooses who goes on. Used again for the next execution.
class execution {
public:
    execution() = default;
    ~execution();
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;

    /// `limits` are those of this search, which may be below those of the test's options.
    /// `reduce`: leave out executions that only repeat another one (see "Reduction" in README.md).
    struct plan {
        const options* test;
        budget limits;
        bool reduce;
    };

    void run(const std::function<void()>& body, const plan& how, strategy& choices);

    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] bool failed() const { return !failure_.empty(); }
    /// It turned out to repeat another execution and was only run to its end, without choices.
    [[nodiscard]] bool pruned() const { return draining_; }
    [[nodiscard]] bool preemption_bound_reached() const { return preemption_bound_reached_; }
    /// A thread was taken to spin although it did not say so by yield().
    [[nodiscard]] bool forced_to_yield() const { return forced_to_yield_; }
    [[nodiscard]] const memory& state() const { return memory_; }

    // What running threads call.
    static execution* active();
    [[noreturn]] void fail(const std::string& what);
    memory& shared() { return memory_; }
    memory::actor actor() { return {current_, self().clock}; }
    [[nodiscard]] thread_id current() const { return current_; }

    /// Offers a switch; returns when the running thread may do `op`.
    void reach(const operation& op);
    unsigned choose(unsigned arity);
    void label(const char* text);

    thread_id spawn(std::function<void()> body);
    void join(std::uint64_t threads);
    void yield();
    void park();
    bool park_until(std::uint64_t deadline);
    void unpark(thread_id thread);
    void cancel(thread_id thread);
    bool cancellation_point();
    std::uint64_t read_clock();
    void advance_clock(std::uint64_t by);

private:
    static void thread_main(void* argument);

    model_thread& self() { return threads_[current_]; }
    void note(operation_kind kind, std::uint32_t object = 0, bool failed = false);
    void begin(const plan& how, strategy& choices);
    thread_id start(std::function<void()> body, const vector_clock& clock);
    void switch_to(thread_id thread);
    void finish_current();
    void abandon_threads();

    // Scheduling.
    [[nodiscard]] bool enabled(thread_id thread) const;
    [[nodiscard]] bool asleep(thread_id thread) const { return ((asleep_ >> thread) & 1U) != 0; }
    [[nodiscard]] bool spinning() const;
    [[nodiscard]] bool may_preempt() const;
    void schedule();
    void count_step();
    void collect_candidates();
    void collect_switch(bool running_may_go_on);
    void collect_after_yield();
    void collect_suspensions();
    void collect_others(bool preempts);
    void drain();
    void resolve_stall();
    void resume_suspended();
    [[nodiscard]] std::string describe_blocked() const;
    void apply(std::size_t chosen);
    void put_to_sleep(std::size_t chosen);
    void wake_dependent(const operation& op);

    const options* options_ = nullptr;
    budget limits_;
    bool reduce_ = false;
    strategy* choices_ = nullptr;
    memory memory_;

    std::array<model_thread, max_threads> threads_;
    std::size_t thread_count_ = 0;
    thread_id current_ = 0;
    context host_;
    std::string failure_;

    std::vector<candidate> candidates_;
    std::uint64_t asleep_ = 0;
    unsigned preemptions_ = 0;
    bool preemption_bound_reached_ = false;
    bool draining_ = false;
    bool yielding_ = false;  ///< the running thread cannot get on until another one does something
    bool forced_to_yield_ = false;
    static constexpr thread_id nobody = max_threads;
    thread_id suspended_ = nobody;
    bool suspension_used_ = false;
    unsigned steps_ = 0;
    std::uint64_t now_ = 0;
};

}  // namespace admit::model
