// The resident set of this process, and whether it grows without end.
#pragma once

#include <span>
#include <vector>

#include "load/metrics.hpp"

namespace admit::load {

/// Reads the process's own figures from the system; keeps the files open, so that a reading costs
/// about 2 us and needs no new file descriptor.
class memory_probe {
public:
    /// Throws `std::system_error` when /proc is not there.
    memory_probe();
    ~memory_probe();
    memory_probe(const memory_probe&) = delete;
    memory_probe& operator=(const memory_probe&) = delete;

    /// In MiB; the second is the highest since the process began.
    double resident() const;
    double high_water_mark() const;

private:
    int statm_;
    int status_;
    double page_mib_;
};

/// The trend of the samples after the first fifth, in which allocators, threads and the queues of
/// the context warm up. The slope is the median of the slopes between all pairs (Theil-Sen): up to
/// 29 % of the samples may be outliers without moving it much, so a step or a spike is no trend.
memory_trend find_trend(std::span<const memory_sample> samples);

/// At most `most` of the samples, evenly spaced.
std::vector<memory_sample> thinned(std::span<const memory_sample> samples, std::size_t most);

}  // namespace admit::load
