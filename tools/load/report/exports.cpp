// SPDX-License-Identifier: BSL-1.0
#include "load/report/exports.hpp"

#include <fmt/format.h>

#include <iterator>

namespace admit::load {

std::string hgrm_report(const metrics& seen) {
    std::string out = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
    for (const percentile_point& one : seen.distribution) {
        fmt::format_to(std::back_inserter(out), "{:12.6f} {:.12f} {:10}", one.value_ms,
                       one.percent / 100, one.count);
        if (one.percent < 100) {
            fmt::format_to(std::back_inserter(out), " {:14.2f}", 100 / (100 - one.percent));
        }
        out += '\n';
    }
    fmt::format_to(std::back_inserter(out),
                   "#[Mean    = {:12.6f}, StdDeviation   = {:12.6f}]\n"
                   "#[Max     = {:12.6f}, Total count    = {:12}]\n"
                   "#[Buckets = {:12}, SubBuckets     = {:12}]\n",
                   seen.response.mean_ms, seen.response.deviation_ms, seen.response.max_ms,
                   seen.response.count, 1, 1000);
    return out;
}

std::string csv_report(const metrics& seen) {
    std::string out =
        "at_s,interval_s,active,waiting,admitted,rejected,completed,p50_ms,p99_ms,max_ms,"
        "resident_mib\n";
    for (const series_point& one : seen.series) {
        fmt::format_to(std::back_inserter(out),
                       "{:.3f},{:.3f},{},{},{},{},{},{:.6g},{:.6g},{:.6g},{:.2f}\n", one.at_s,
                       one.interval_s, one.active, one.waiting, one.admitted, one.rejected,
                       one.completed, one.p50_ms, one.p99_ms, one.max_ms, one.resident_mib);
    }
    return out;
}

}  // namespace admit::load
