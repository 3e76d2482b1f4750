// SPDX-License-Identifier: BSL-1.0
#include "load/harness/monitor.hpp"

#include <algorithm>
#include <utility>

#include "common/interrupt.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = 1ms;
constexpr auto expiry_interval = 50ms;
constexpr auto poll_interval = 5ms;
constexpr auto progress_interval = 100ms;
constexpr auto grace = 30s;
constexpr std::size_t busy = 1000;  // with more samples in a pass the thread does not sleep

/// About 600 samples in a run of any length that is known: a run of days keeps no more of them.
std::chrono::nanoseconds memory_interval(const plan& numbers) {
    return std::max<std::chrono::nanoseconds>(numbers.expected_time / 600, 5ms);
}

/// Returns true once in each interval.
bool due(std::chrono::steady_clock::time_point& next, std::chrono::steady_clock::time_point now,
         std::chrono::steady_clock::duration interval) {
    if (now < next) return false;
    next = now + interval;
    return true;
}

}  // namespace

monitor::monitor(const plan& numbers, admit::engine& engine, collector& samples,
                 const tools::memory_probe& probe, progress_listener progress,
                 std::function<void(bool)> stop_run)
    : numbers_(numbers),
      engine_(engine),
      samples_(samples),
      probe_(probe),
      progress_(std::move(progress)),
      stop_run_(std::move(stop_run)),
      sample_interval_(memory_interval(numbers)),
      series_(numbers.expected_time) {
    // Touched now, so that the samples themselves are no growth of memory.
    memory_.resize(4096);
    memory_.clear();
    thread_ = std::jthread([this](const std::stop_token& stop) { guarded(stop); });
}

void monitor::finish() {
    thread_.request_stop();
    thread_.join();
    if (error_) std::rethrow_exception(error_);
    samples_.finish();
    series_.add(clock::now(), engine_, samples_, probe_.resident());
    sample_memory(clock::now());
}

void monitor::guarded(const std::stop_token& stop) noexcept {
    try {
        watch(stop);
    } catch (...) {
        error_ = std::current_exception();
        stop_run_(false);
    }
}

void monitor::watch(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const std::size_t drained = samples_.drain();
        look(clock::now());
        if (drained < busy) std::this_thread::sleep_for(tick);
    }
}

void monitor::look(clock::time_point now) {
    if (due(next_memory_, now, sample_interval_)) sample_memory(now);
    if (due(next_expiry_, now, expiry_interval)) engine_.expire(now);
    if (due(next_poll_, now, poll_interval)) {
        max_active_ = std::max<std::uint64_t>(max_active_, engine_.active_count());
    }
    if (series_.due(now)) series_.add(now, engine_, samples_, probe_.resident());
    if (progress_ && due(next_progress_, now, progress_interval)) progress_(progress(now));
    // Users of a file stop by themselves; a second request does not wait for them.
    if (tools::interrupts() > (numbers_.from_file ? 1 : 0)) stop_run_(false);
    if (now - began_ > numbers_.time_limit + (timed_out_ ? grace : 0s)) {
        stop_run_(timed_out_);
        timed_out_ = true;
    }
}

void monitor::sample_memory(clock::time_point now) {
    const double resident = probe_.resident();
    highest_resident_ = std::max(highest_resident_, resident);
    memory_.push_back({std::chrono::duration<double>(now - began_).count(), resident});
}

run_progress monitor::progress(clock::time_point now) const {
    const auto& points = series_.points();
    return {done_part(now), numbers_.limits.max_concurrent,
            points.empty() ? series_point{} : points.back()};
}

double monitor::done_part(clock::time_point now) const {
    double part = 0;
    if (numbers_.expected_completions > 0) {
        part = static_cast<double>(samples_.sum(&worker_record::completed)) /
               static_cast<double>(numbers_.expected_completions);
    } else if (numbers_.expected_time.count() > 0) {
        part = std::chrono::duration<double>(now - began_) /
               std::chrono::duration<double>(numbers_.expected_time);
    }
    return std::clamp(part, 0.0, 1.0);
}

}  // namespace admit::load
