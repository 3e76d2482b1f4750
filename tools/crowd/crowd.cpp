// SPDX-License-Identifier: BSL-1.0
#include "crowd/crowd.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <thread>

#include "common/allocator.hpp"
#include "common/memory_probe.hpp"
#include "crowd/context_thread.hpp"
#include "crowd/shared_state.hpp"

namespace admit::crowd {
namespace {

/// Time for the last arrived user to suspend before memory is read.
constexpr std::chrono::milliseconds settling{20};

/// Polling costs processor time, and the users record their arrivals and departures themselves.
constexpr std::chrono::milliseconds poll_interval{10};

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double seconds(steady::duration length) { return std::chrono::duration<double>(length).count(); }

class crowd_run {
public:
    explicit crowd_run(const crowd_plan& plan) : plan_(plan), state_(plan) {}

    crowd_result run() {
        result_.allocator = tools::allocator_name();
        const double before = memory_.resident();
        if (plan_.admitted) open_engine();
        result_.engine_per_user = per_user(memory_.resident() - before);
        for (std::size_t number = 0; number < plan_.threads; ++number)
            threads_.emplace_back(state_, number);

        const double cpu_before = cpu_seconds();
        const steady::time_point began = steady::now();
        state_.start = began + std::chrono::nanoseconds{plan_.start_delay};
        for (context_thread& each : threads_) each.begin();
        await_all_present(before);
        await_end();
        if (!result_.all_alive) return result_;
        result_.cpu_s = cpu_seconds() - cpu_before;
        result_.arriving_s = seconds(latest(&context_thread::last_arrival) - began);
        result_.leaving_s = seconds(latest(&context_thread::last_departure) - state_.start);
        if (plan_.admitted) check_engine();
        return result_;
    }

private:
    double per_user(double mib) const {
        return mib * 1024 * 1024 / static_cast<double>(plan_.users);
    }

    void open_engine() {
        limits allowed;
        allowed.max_concurrent = plan_.max_concurrent;
        allowed.max_per_user = plan_.max_per_user;
        if (plan_.users > plan_.max_concurrent)
            allowed.max_waiting = std::max(allowed.max_waiting, plan_.users);
        state_.engine.emplace(allowed);
    }

    std::size_t sum(std::size_t (context_thread::*count)() const noexcept) const {
        std::size_t all = 0;
        for (const context_thread& each : threads_) all += (each.*count)();
        return all;
    }

    steady::time_point latest(steady::time_point (context_thread::*time)() const noexcept) const {
        steady::time_point last;
        for (const context_thread& each : threads_) last = std::max(last, (each.*time)());
        return last;
    }

    bool failed() const {
        return std::any_of(threads_.begin(), threads_.end(),
                           [](const context_thread& each) { return each.failed(); });
    }

    void await_all_present(double before) {
        while (sum(&context_thread::arrived) < plan_.users && !failed() &&
               steady::now() < state_.start)
            std::this_thread::sleep_for(poll_interval);
        std::this_thread::sleep_for(settling);
        result_.bytes_per_user = per_user(memory_.resident() - before);
        if (plan_.admitted) result_.waiting = state_.engine->stats().waiting;
        result_.arrived = sum(&context_thread::arrived);
        result_.all_alive = result_.arrived == plan_.users && steady::now() < state_.start;
    }

    /// Stops the threads early if the users arrived too late or a user failed.
    void await_end() {
        while (sum(&context_thread::left) < plan_.users && !failed() && result_.all_alive)
            std::this_thread::sleep_for(poll_interval);
        if (failed() || !result_.all_alive) {
            for (context_thread& each : threads_) each.stop();
        }
        for (context_thread& each : threads_) each.join();
        for (const context_thread& each : threads_)
            if (each.failed()) each.rethrow();
    }

    void check_engine() const {
        const auto stats = state_.engine->stats();
        if (stats.admitted != plan_.users || stats.ended.completed != plan_.users ||
            stats.active != 0 || stats.waiting != 0) {
            throw std::runtime_error(fmt::format(
                "of {} users {} were admitted and {} completed; {} are active and {} wait",
                plan_.users, stats.admitted, stats.ended.completed, stats.active, stats.waiting));
        }
    }

    const crowd_plan& plan_;
    shared_state state_;
    tools::memory_probe memory_;
    std::deque<context_thread> threads_;
    crowd_result result_;
};

}  // namespace

crowd_result run_crowd(const crowd_plan& plan) { return crowd_run{plan}.run(); }

}  // namespace admit::crowd
