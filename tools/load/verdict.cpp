// SPDX-License-Identifier: BSL-1.0
// What a run was: passed, failed, no measurement, or interrupted.
#include <algorithm>

#include "load/runner.hpp"

namespace admit::load {

std::string_view run_result::invalid_because() const noexcept {
    const arrival_counts& seen = measured.arrivals;
    if (numbers.from_file && measured.starts.attempts == 0)
        return "No conversation was started. Let the run take longer, or plan more starts.";
    if (static_cast<double>(seen.late) * 100 >
        numbers.late_arrivals_percent * static_cast<double>(seen.planned))
        return "The machine could not keep to the plan. Plan fewer starts a second, or allow more "
               "late ones.";
    return "";
}

verdict run_result::judged() const noexcept {
    if (interrupted) return verdict::interrupted;
    if (!valid()) return verdict::invalid;
    return checks.passed() ? verdict::passed : verdict::failed;
}

verdict judged(const std::vector<run_result>& runs) noexcept {
    verdict worst = verdict::passed;
    for (const run_result& one : runs) worst = std::max(worst, one.judged());
    return worst;
}

std::string_view word_for(verdict judged) noexcept {
    switch (judged) {
        case verdict::passed: return "passed";
        case verdict::failed: return "FAILED";
        case verdict::invalid: return "INVALID";
        case verdict::interrupted: return "INTERRUPTED";
    }
    return "";
}

}  // namespace admit::load
