// SPDX-License-Identifier: BSL-1.0
#include "load/report/live.hpp"

#include <fmt/format.h>

#include <array>

namespace admit::load {
namespace {

double per_second(std::uint64_t count, const series_point& of) {
    return of.interval_s > 0 ? static_cast<double>(count) / of.interval_s : 0;
}

}  // namespace

std::string live_line(const run_progress& now, std::size_t width) {
    const series_point& seen = now.latest;
    if (seen.interval_s == 0) return "";  // the first interval has not ended
    const std::array<std::string, 6> facts = {
        fmt::format("active {}/{}", seen.active, now.limit),
        fmt::format("waiting {}", seen.waiting),
        fmt::format("+{:.0f}/s", per_second(seen.admitted, seen)),
        fmt::format("rejected {:.0f}/s", per_second(seen.rejected, seen)),
        fmt::format("P99 {:.3g} ms", seen.p99_ms),
        fmt::format("{:.1f} MiB", seen.resident_mib),
    };
    std::string line;
    for (const std::string& fact : facts) {
        const std::string_view gap = line.empty() ? "" : "  ";
        if (line.size() + gap.size() + fact.size() >= width) break;
        line += gap;
        line += fact;
    }
    return line;
}

progress_listener live_view(tools::progress_bar& bar) {
    return [&bar](const run_progress& now) {
        bar.update(now.part, live_line(now, tools::progress_bar::width()));
    };
}

}  // namespace admit::load
