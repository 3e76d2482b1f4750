// SPDX-License-Identifier: BSL-1.0
// The checks of one run: expected value, observed value, likely causes of a failure.
// Filled by the scenarios and common_checks.cpp; read by the reports.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace admit::load {

/// Numbers stay numbers in the JSON report.
using value = std::variant<std::int64_t, double, std::string>;
std::string to_string(const value&);

struct check {
    std::string name;
    value expected;
    value observed;
    bool passed = false;
    std::string likely_causes;
    /// Only for a baseline, a threshold of the system that this library replaces.
    std::optional<double> times_better;
    bool is_threshold = false;  ///< from a scenario file
};

/// Keeps the order in which checks are added. Not thread-safe.
class checklist {
public:
    checklist() = default;
    /// Checks that were made before, as a recorded report has them.
    explicit checklist(std::vector<check> made) : checks_(std::move(made)) {}

    void equal(std::string_view name, std::uint64_t expected, std::uint64_t observed,
               std::string_view causes);
    void equal(std::string_view name, std::string_view expected, std::string_view observed,
               std::string_view causes);
    void at_most(std::string_view name, std::uint64_t max, std::uint64_t observed,
                 std::string_view causes);
    void at_least(std::string_view name, std::uint64_t min, std::uint64_t observed,
                  std::string_view causes);
    void below(std::string_view name, double bound, double observed, std::string_view unit,
               std::string_view causes);
    void above(std::string_view name, double bound, double observed, std::string_view unit,
               std::string_view causes);

    /// A threshold of a scenario file, which the caller has judged.
    void threshold(std::string_view name, std::string expected, double observed, bool passed,
                   std::string_view causes);

    /// Checks of a baseline: they also compute `times_better`.
    void below_baseline(std::string_view name, double bound, double observed, std::string_view unit,
                        std::string_view causes);
    void above_baseline(std::string_view name, double bound, double observed, std::string_view unit,
                        std::string_view causes);

    const std::vector<check>& all() const noexcept { return checks_; }
    bool passed() const noexcept;

private:
    void add(std::string_view name, value expected, value observed, bool passed,
             std::string_view causes);

    std::vector<check> checks_;
};

}  // namespace admit::load
