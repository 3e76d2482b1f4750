// SPDX-License-Identifier: BSL-1.0
#include "load/metrics.hpp"

#include <numeric>

namespace admit::load {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) noexcept {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::uint64_t start_counts::failed() const noexcept {
    return std::accumulate(failed_by_reason.begin(), failed_by_reason.end(), std::uint64_t{0});
}

std::uint64_t start_counts::failed(admit::errc reason) const noexcept {
    return failed_by_reason[static_cast<std::size_t>(reason) - 1];
}

double metrics::success_rate_percent() const noexcept {
    return 100 * ratio(completions, starts.successful);
}

double metrics::admitted_percent() const noexcept {
    return 100 * ratio(starts.successful, starts.attempts);
}

double metrics::throughput_per_s() const noexcept {
    return duration_s > 0 ? static_cast<double>(completions) / duration_s : 0.0;
}

}  // namespace admit::load
