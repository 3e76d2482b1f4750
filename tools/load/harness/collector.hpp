// Takes counts and samples from the worker threads without making them wait for each other.
#pragma once

#include <array>
#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "load/harness/response_log.hpp"
#include "load/metrics.hpp"

namespace admit::load {

/// One response time, or wait, on its way to the reporter. Trivially copyable, as Boost.Lockfree
/// demands.
struct sample {
    std::uint64_t nanoseconds = 0;
    std::uint32_t user = 0;
    std::uint32_t kind = 0;
};

/// The kind of a sample that is no response time but the wait before a conversation.
inline constexpr std::uint32_t queue_wait = UINT32_MAX;

/// Samples added up: over all, by kind and by user.
class response_table {
public:
    struct share {
        std::uint32_t count = 0;
        float mean = 0;  // nanoseconds, a running mean
    };

    response_table(std::size_t kinds, std::size_t users);

    void add(const sample&);
    void add(const response_table&);
    void prefault();

    const response_log& all() const noexcept { return all_; }
    const response_log& kind(std::size_t number) const { return kinds_[number]; }
    const response_log& waits() const noexcept { return waits_; }
    const std::vector<share>& users() const noexcept { return users_; }

private:
    response_log all_;
    response_log waits_;
    std::vector<response_log> kinds_;
    std::vector<share> users_;
};

/// A number that one thread writes and others may read: no read-modify-write needed.
class tally {
public:
    void add() noexcept {
        count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    std::uint64_t get() const noexcept { return count_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> count_{0};
};

/// What one worker thread writes; nobody else does.
struct alignas(64) worker_lane {
    explicit worker_lane(std::size_t capacity) : samples(capacity) {}

    tally attempts;
    tally successful;
    tally waits;
    std::array<tally, reason_names.size()> failed;
    tally completed;
    tally failed_touches;
    boost::lockfree::spsc_queue<sample> samples;

    // Samples that found the queue full are added up here by the worker itself, so that nothing is
    // lost and nobody waits. Read after the workers have been joined.
    std::optional<response_table> late;
    std::uint64_t late_samples = 0;
};

/// A lane for each worker, and the reporter's table. The reporter calls `drain`.
class collector {
public:
    collector(std::size_t workers, std::size_t kinds, std::size_t users);

    /// The calling thread is worker `number` of the runs that follow.
    static void enter_lane(std::size_t number) noexcept;

    worker_lane& here() noexcept;
    void record(const sample&);

    /// Moves what has arrived into the table; how many samples that were. One thread at a time.
    std::size_t drain();

    /// After the workers were joined: nothing is on its way any more.
    void finish();

    const response_table& table() const noexcept { return table_; }
    start_counts starts() const noexcept;
    std::uint64_t waits() const noexcept;
    std::uint64_t completions() const noexcept;
    std::uint64_t failed_touches() const noexcept;
    std::uint64_t late_samples() const noexcept;

private:
    template <class Get>
    std::uint64_t sum(Get get) const noexcept;

    std::vector<std::unique_ptr<worker_lane>> lanes_;
    response_table table_;
    std::size_t kinds_;
    std::size_t users_;
};

}  // namespace admit::load
