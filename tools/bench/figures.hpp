// What was measured, and what it comes to.
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
    std::size_t rounds = 1;   ///< of which this is the median
    std::size_t dropped = 0;  ///< rounds that were disturbed, or of another price of a line
    double line_price = 0;    ///< of several threads: what passing a line cost then, in ns
};
using figures = std::map<std::string, figure>;

/// One round of a row.
struct sample {
    double ns;
    double line_before = 0;
    double line_after = 0;
    bool disturbed = false;  ///< by other work on the same core
};

/// Prices of a line that differ by less than this factor are of one regime; the two that are known
/// are a factor of four apart.
inline constexpr double same_regime = 2.0;

/// The median of what was measured undisturbed and in the regime of `line_price`. Nothing if all
/// was dropped.
std::optional<figure> summary(const std::vector<sample>& samples, double line_price);

/// How much dearer the engine's dearest point of the curve is than its cheapest; nothing if a point
/// is missing.
std::optional<double> growth(const curve& over, const figures& all);

enum class verdict { met, missed, unknown };

struct judgement {
    target what;
    std::optional<double> measured;  ///< the figure
    std::optional<double> allowed;   ///< at most this, in the same unit
    verdict is = verdict::unknown;

    /// The figure as a multiple of what it is compared with; the figure itself without that.
    std::optional<double> ratio() const;
};

/// Judges the targets whose figure was asked for; `unknown` are those that could not be measured.
std::vector<judgement> judge(const catalog& asked, const figures& measured);

bool all_met(const std::vector<judgement>&);

}  // namespace admit::bench
