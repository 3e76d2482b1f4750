// SPDX-License-Identifier: BSL-1.0
// From the rounds of a measurement to figures and verdicts. Used by measure.cpp, run.cpp, report/.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/catalog.hpp"

namespace admit::bench {

struct figure {
    double median = 0;
    double low = 0;
    double high = 0;
    std::string unit = "ns";
    std::size_t rounds = 1;       ///< the number of rounds that `median` is taken of
    std::size_t dropped = 0;      ///< rounds that were disturbed, or in another regime
    double line_transfer_ns = 0;  ///< of several threads: the cost of a shared line at that time
};
using figures = std::map<std::string, figure>;

/// One round of a row.
struct sample {
    double ns;
    double transfer_before = 0;  ///< `line_transfer_ns` before the round; 0 for one thread
    double transfer_after = 0;
    bool disturbed = false;  ///< by other work on the same core
};

/// Transfer costs that differ by a smaller factor belong to one regime. The two known regimes
/// differ by a factor of four.
inline constexpr double same_regime = 2.0;

/// The median of the undisturbed samples in the regime of `line_transfer_ns`. Nothing if all
/// samples are dropped.
std::optional<figure> summary(const std::vector<sample>& samples, double line_transfer_ns);

/// The highest cost of the engine on the curve divided by its lowest. Nothing if a point is
/// missing.
std::optional<double> growth(const curve& shape, const figures& measured);

enum class verdict { met, missed, unknown };

struct judgement {
    target goal;
    std::optional<double> measured;  ///< the figure
    std::optional<double> allowed;   ///< the highest figure that meets the target, in the same unit
    verdict result = verdict::unknown;

    /// The figure as a multiple of the figure `goal.of`; the figure itself if `goal.of` is empty.
    std::optional<double> ratio() const;
};

/// Judges the targets with figures in the catalog. A target with a figure that could not be
/// measured is `unknown`.
std::vector<judgement> judge(const catalog& requested, const figures& measured);

bool all_met(const std::vector<judgement>&);

/// One run, as the reports need it.
struct results {
    catalog requested;
    figures measured;
    std::vector<judgement> judged;
};

}  // namespace admit::bench
