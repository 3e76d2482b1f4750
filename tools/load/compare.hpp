// SPDX-License-Identifier: BSL-1.0
// Compares two sets of runs: whether the second is worse than the first, beyond noise.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/origin.hpp"
#include "load/runner.hpp"

namespace admit::load {

/// The values of each figure, one for each run.
using figure_values = std::map<std::string, std::vector<double>, std::less<>>;

/// Fewer runs of one side show nothing.
inline constexpr std::size_t least_repeats = 5;

/// `same`: the whole interval lies within the tolerance. `better`, `worse`: the whole interval lies
/// beyond it. `unclear`: neither, so more runs are needed.
enum class change { same, unclear, better, worse };

struct comparison {
    std::string figure;
    double first = 0;   ///< the median of the first side
    double second = 0;  ///< that of the second
    double ratio = 1;   ///< second / first
    double low = 1;     ///< the interval that holds the ratio in 95 of 100 cases
    double high = 1;
    change verdict = change::unclear;
    std::string runs{};  ///< the scenario and its threads, if a side has several
};

/// By the bootstrap: 10,000 times, as many runs of each side are drawn with replacement, and the
/// ratio of their medians is taken (Efron, "Bootstrap methods: another look at the jackknife",
/// Annals of Statistics 1979). The verdict is that of the whole interval against `tolerance` (0.05:
/// five percent). The draws are the same on each call.
std::vector<comparison> compare(const figure_values& first, const figure_values& second,
                                std::span<const std::string> figures, double tolerance);

/// The runs of one side.
class compared_side {
public:
    /// Throws `std::runtime_error`, with `from`, for a run that is no measurement.
    void add(const run_result&, std::string_view from);
    void add(const tools::machine&);

    /// Each scenario on each number of threads is compared by itself.
    using group = std::pair<std::string, std::size_t>;
    const std::map<group, figure_values>& groups() const noexcept { return groups_; }

    /// Of the scenarios, threads, seeds and machines.
    using facts = std::map<std::string_view, std::set<std::string>>;
    const facts& conditions() const noexcept { return conditions_; }

private:
    std::map<group, figure_values> groups_;
    facts conditions_;
};

/// All runs of the recorded reports; `paths` has a comma between two. Throws `tools::usage_error`
/// for another file and for fewer than `least_repeats` runs of a scenario, and `std::runtime_error`
/// for a run that is no measurement.
compared_side read_side(const std::string& paths);

/// The files in a list with commas; a file that has a comma in its name is one.
std::vector<std::string> files_in(const std::string& paths);

/// Pairs what both sides have by scenario and threads; of one scenario a side, these two.
std::vector<comparison> compare(const compared_side& first, const compared_side& second,
                                std::span<const std::string> figures, double tolerance);

/// Where the conditions of the sides differ, a line for each.
std::string differences(const compared_side& first, const compared_side& second);

/// The table, and what its verdicts mean.
std::string comparison_report(std::span<const comparison>, double tolerance, bool colour);

}  // namespace admit::load
