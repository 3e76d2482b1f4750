// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "checker/options.hpp"

namespace admit::model {

/// The result of a search.
struct exploration {
    std::string name;
    std::uint64_t executions = 0;           ///< run to their end, over all bounds
    std::uint64_t pruned = 0;               ///< given up, as they repeat other executions
    std::uint64_t executions_at_bound = 0;  ///< without those of the lower preemption bounds
    std::uint64_t random_executions = 0;
    std::uint64_t forced_yields = 0;        ///< executions in which a thread was taken to spin
    bool complete = false;                  ///< all executions within the bounds were explored
    unsigned preemptions = 0;               ///< the last bound that was explored or begun
    bool preemption_bound_reached = false;  ///< a higher bound has more executions
    bool stale_bound_reached = false;       ///< a higher bound on stale reads has more executions
    double seconds = 0;

    std::string failure;  ///< empty if there is no violation
    std::string seed;
    std::string interleaving;

    [[nodiscard]] bool failed() const { return !failure.empty(); }
    /// One line for the output of a test.
    [[nodiscard]] std::string summary() const;
    /// Failure, seed and interleaving.
    [[nodiscard]] std::string report() const;
};

/// Runs `body` once for each execution within the bounds of `config`, until an execution fails.
exploration search(std::string_view name, const options& config, const std::function<void()>& body);

/// Runs the execution of a seed. Throws std::invalid_argument if the text is no seed.
exploration replay(std::string_view name, std::string_view seed_text, const options& config,
                   const std::function<void()>& body);

}  // namespace admit::model
