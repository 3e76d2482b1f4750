// All that can be measured, and what it should come to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/workload.hpp"

namespace admit::bench {

/// Who does the work: the engine, a baseline, or bare atomic steps.
namespace systems {
inline constexpr std::string_view admit = "admit", mutex = "mutex", sharded = "sharded",
                                  steps = "steps";
}

/// One timed figure: nanoseconds per operation and thread.
struct row {
    std::string work;
    std::string_view system;
    unsigned threads = 1;
    std::string title;  ///< of the work, for people
    std::function<std::unique_ptr<workload>()> make;
    unsigned batch = 1'000;  ///< operations between two looks at the time, at least

    std::string name() const;  ///< "string/admit/2"
};

/// One figure that is no time: bytes, events.
struct observation {
    std::string name;
    std::string title;
    std::string unit;
    std::function<double(bool quick)> observe;
};

/// A figure may be at most `times` the figure `of`; without `of`, at most `times` itself.
struct target {
    std::string title;
    std::string figure;
    double times;
    std::string of;
};

/// How a cost grows. Each series is one system's, its points in the order of `at`.
struct curve {
    struct series {
        std::string_view system;
        std::vector<row> points;
    };

    std::string name;
    std::string title;
    std::string x_label;
    bool logarithmic = false;
    std::vector<double> at;
    std::vector<series> lines;

    /// The figure for the engine's dearest point divided by its cheapest.
    std::string growth() const { return "growth/" + name; }
};

/// How large the measured things are.
struct extent {
    bool quick = false;
    unsigned threads = 2;  ///< all cores, at least two
};

struct catalog {
    std::vector<observation> observations;  ///< made first, while the process is fresh
    std::vector<row> rows;
    std::vector<curve> curves;
    std::vector<target> targets;
};

/// The floor that everything is compared with: the five steps of one admission and its end.
inline constexpr std::string_view floor_figure = "floor5/steps/1";

/// Everything.
catalog full_catalog(const extent&);

/// Only what bears one of the names, each the name of a row, work, observation or curve, and the
/// floors; all when there are none. Throws `tools::usage_error` for a name that nothing bears.
catalog selected(catalog all, const std::vector<std::string>& names);

/// The row of that name, also of a curve. Throws `tools::usage_error` when there is none.
row find_row(const catalog& all, std::string_view name);

}  // namespace admit::bench
