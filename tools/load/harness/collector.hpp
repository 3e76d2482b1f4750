// SPDX-License-Identifier: BSL-1.0
// Collects counts and samples from the worker threads without locks.
// Written by scenario_run.cpp on the workers; drained by the monitor; read by runner.cpp.
#pragma once

#include <admit/limits.hpp>
#include <array>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/counter.hpp"
#include "load/harness/response_log.hpp"
#include "load/metrics.hpp"

namespace admit::load {

/// One response time or queue wait. Boost.Lockfree requires a trivially copyable type.
struct sample {
    std::uint64_t nanoseconds = 0;
    std::uint32_t user = 0;
    std::uint32_t kind = 0;
};

/// The kind of a sample that is a queue wait and not a response time.
inline constexpr std::uint32_t queue_wait = UINT32_MAX;

/// The kind of a sample that is measured from the actual start and not from the planned one.
inline constexpr std::uint32_t service_time = UINT32_MAX - 1;

/// The statistics of samples: of all, by kind and by user.
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
    const response_log& services() const noexcept { return services_; }

    /// The response times since the last call of `end_interval`.
    const response_log& interval() const noexcept { return interval_; }
    void end_interval() { interval_.reset(); }
    const std::vector<share>& users() const noexcept { return users_; }

    /// At most `max_points`, the first and the last rank among them.
    std::vector<user_rank> user_ranks(std::size_t max_points) const;

    /// Jain's index of the conversations of the users: 1 if all have as many, 1/n if one has all.
    double fairness() const noexcept;

private:
    response_log all_;
    response_log waits_;
    response_log services_;
    response_log interval_;
    std::vector<response_log> kinds_;
    std::vector<share> users_;
};

/// Written by one worker thread only.
struct alignas(64) worker_record {
    explicit worker_record(std::size_t capacity) : samples(capacity) {}

    tools::single_writer_counter attempts;
    tools::single_writer_counter successful;
    tools::single_writer_counter waits;
    std::array<tools::single_writer_counter, reason_names.size()> failed;
    tools::single_writer_counter completed;
    tools::single_writer_counter failed_touches;
    tools::single_writer_counter expired;
    tools::single_writer_counter thrown;
    tools::single_writer_counter given_up;
    tools::single_writer_counter false_rejections;
    tools::single_writer_counter arrivals;
    tools::single_writer_counter late_arrivals;
    admit::duration longest_delay{};  ///< of an arrival; read after the workers were joined
    boost::lockfree::spsc_queue<sample> samples;

    // The worker adds samples that find the queue full here: none is lost, and the worker does not
    // wait. Read after the workers were joined.
    std::optional<response_table> late;
    std::uint64_t late_samples = 0;
};

/// A record for each worker, and the table of the monitor thread.
class collector {
public:
    collector(std::size_t workers, std::size_t kinds, std::size_t users);

    /// Makes the calling thread worker `number` of all collectors.
    static void set_worker(std::size_t number) noexcept;

    /// The record of the calling worker.
    worker_record& here() noexcept;
    void record(const sample&);

    /// Moves queued samples into the table and returns their number. For one thread at a time.
    std::size_t drain();

    /// Moves all remaining samples. Call after the workers were joined.
    void finish();

    const response_table& table() const noexcept { return table_; }
    response_table& table() noexcept { return table_; }
    start_counts starts() const noexcept;
    /// The planned arrivals. Call after the workers were joined.
    arrival_counts arrivals() const noexcept;

    /// One counter of all workers together.
    std::uint64_t sum(tools::single_writer_counter worker_record::*counter) const noexcept;
    std::uint64_t late_samples() const noexcept;

private:
    template <class Get>
    std::uint64_t sum_of(Get get) const noexcept;

    std::vector<std::unique_ptr<worker_record>> records_;
    response_table table_;
    std::size_t kinds_;
    std::size_t users_;
};

}  // namespace admit::load
