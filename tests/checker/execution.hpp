// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "checker/budget.hpp"
#include "checker/memory.hpp"
#include "checker/options.hpp"
#include "checker/scheduler.hpp"
#include "checker/strategy.hpp"
#include "checker/thread_table.hpp"

namespace admit::model {

/// Runs a test body once. Its threads are fibers of one thread of the operating system; they switch
/// at scheduling points only. Used by `explorer`, which reuses it for the next execution, and by
/// the functions of thread.hpp and access.hpp, which find it by active().
class execution {
public:
    execution() = default;
    ~execution();
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;

    struct parameters {
        const options& config;
        budget limits;  ///< of this search; may be below those of `config`
        bool reduce;    ///< leave out executions that only repeat another execution
    };

    void run(const std::function<void()>& body, const parameters& given, strategy& choices);

    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] bool failed() const { return !failure_.empty(); }
    [[nodiscard]] const scheduler& scheduling() const { return scheduler_; }
    [[nodiscard]] const memory& shared_memory() const { return memory_; }

    // For the running thread.

    /// The execution that runs; null while none runs.
    static execution* active();
    [[noreturn]] void fail(const std::string& description);
    memory& shared_memory() { return memory_; }
    thread_view view() { return {threads_.running_id(), threads_.running().clock}; }
    [[nodiscard]] thread_id current() const { return threads_.running_id(); }

    /// Offers a switch; returns when the running thread may do `op`.
    void scheduling_point(const operation& op);
    unsigned choose(unsigned arity);
    void label(const char* text);

    // The operations on threads and on the clock, as thread.hpp describes them.

    thread_id spawn(std::function<void()> body);
    void join(std::uint64_t threads);  ///< a bit set
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

    void begin(const parameters& given, strategy& choices);
    thread_id start(std::function<void()> body, const vector_clock& clock);
    void finish_running();
    void finish_body();
    void switch_to(thread_id thread);
    void return_to_spawner();
    void abandon_threads();
    model_thread& started_thread(thread_id thread, const char* operation);
    void give_token(model_thread& to);
    void record(operation_kind kind, std::uint32_t object = 0, bool failed = false);

    memory memory_;
    thread_table threads_;
    scheduler scheduler_{threads_, memory_};
    strategy* choices_ = nullptr;
    context explorer_context_;  ///< continues when the execution ends
    std::string failure_;
    std::uint64_t now_ = 0;
};

}  // namespace admit::model
