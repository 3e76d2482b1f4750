#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "checker/options.hpp"

namespace admit::model {

/// What a search found.
struct exploration {
    std::string name;
    std::uint64_t executions = 0;           ///< run to their end, over all bounds
    std::uint64_t pruned = 0;               ///< given up, as they only repeat others
    std::uint64_t executions_at_bound = 0;  ///< without those of the lower preemption bounds
    std::uint64_t random_executions = 0;
    std::uint64_t forced_yields = 0;        ///< executions in which a thread was taken to spin
    bool complete = false;                  ///< everything within the bounds was explored
    unsigned preemptions = 0;               ///< the last bound that was explored or begun
    bool preemption_bound_reached = false;  ///< more preemptions would show more
    bool stale_bound_reached = false;       ///< more stale reads would show more
    double seconds = 0;

    std::string failure;  ///< empty: no violation
    std::string seed;
    std::string interleaving;

    [[nodiscard]] bool failed() const { return !failure.empty(); }
    /// One line for whoever reads the output of the tests.
    [[nodiscard]] std::string summary() const;
    /// Failure, seed and interleaving.
    [[nodiscard]] std::string report() const;
};

/// Runs `body` once for each execution there is within the bounds of `how`, until one fails.
exploration search(std::string_view name, const options& how, const std::function<void()>& body);

/// Runs the one execution that a seed names; throws std::invalid_argument if it names none.
exploration replay(std::string_view name, std::string_view seed_text, const options& how,
                   const std::function<void()>& body);

}  // namespace admit::model
