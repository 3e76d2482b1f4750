// SPDX-License-Identifier: BSL-1.0
// The catalog of admit-bench: every row, observation and curve that it can measure, and the
// targets. The files in rows/ fill it; measure.cpp measures it and figures.cpp judges it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/workload.hpp"

namespace admit::bench {

/// The system that does the work: the engine, a baseline, or bare atomic steps.
namespace systems {
inline constexpr std::string_view admit = "admit", mutex = "mutex", sharded = "sharded",
                                  counts = "counts", steps = "steps";
}

/// One timed figure: nanoseconds for each operation and thread.
struct row {
    std::string work;
    std::string_view system;
    unsigned threads = 1;
    std::string title;  ///< of the work, for people
    std::function<std::unique_ptr<workload>()> make;
    unsigned batch = 1'000;  ///< the least operations between two readings of the clock

    std::string name() const;  ///< "string/admit/2"
};

/// One figure that is not a time for each operation: bytes, events.
struct observation {
    std::string name;
    std::string title;
    std::string unit;
    std::function<double(bool quick)> observe;
};

/// The figure `figure` is at most `times` the figure `of`; with an empty `of`, at most `times`.
struct target {
    std::string title;
    std::string figure;
    double times;
    std::string of;
};

/// How a cost grows. Each series belongs to one system; its points are in the order of `at`.
struct curve {
    struct series {
        std::string_view system;
        std::vector<row> points;
    };

    std::string name;
    std::string title;
    std::string x_label;
    bool logarithmic = false;
    std::vector<double> at = {};
    std::vector<series> lines = {};

    /// The figure for the highest cost of the engine on this curve, divided by its lowest.
    std::string growth() const { return "growth/" + name; }
};

/// How far the curves reach.
struct extent {
    bool quick = false;
    unsigned threads = 2;  ///< all cores, at least two
};

struct catalog {
    std::vector<observation> observations;  ///< measured first, while the process is fresh
    std::vector<row> rows;
    std::vector<curve> curves;
    std::vector<target> targets;
};

/// The floor to which all is compared: the five atomic steps of one admission and its end.
inline constexpr std::string_view floor_figure = "floor5/steps/1";

catalog full_catalog(const extent&);

/// The floors, and what has one of the names: of a row, a work, an observation or a curve.
/// Everything if `names` is empty. Throws `tools::usage_error` for an unknown name.
catalog selected(catalog all, const std::vector<std::string>& names);

/// The row of that name, also of a curve. Throws `tools::usage_error` for an unknown name.
row find_row(const catalog& all, std::string_view name);

}  // namespace admit::bench
