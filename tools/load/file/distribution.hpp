// SPDX-License-Identifier: BSL-1.0
// A length of time that a scenario file describes: constant, or drawn from a distribution.
#pragma once

#include <admit/limits.hpp>
#include <boost/random/taus88.hpp>
#include <string_view>

namespace admit::load {

/// The generator of every random choice of a run: 12 bytes, the same numbers on every platform.
using random_engine = boost::random::taus88;

/// A generator of its own for each simulated user, from the seed of the scenario.
random_engine make_random(std::uint64_t seed, std::uint64_t stream);

/// A number from 0 to below 1.
double draw_unit(random_engine&);

enum class shape { constant, uniform, exponential, log_normal };

struct distribution {
    load::shape shape = shape::constant;
    double a = 0;  ///< ms: the constant, the least, the mean, the median
    double b = 0;  ///< ms: the most (uniform), the 95th percentile (log_normal)

    /// A length in whole nanoseconds, 0 to one day.
    admit::duration draw(random_engine&) const;

    /// In ms. Of a log-normal distribution, too.
    double mean_ms() const;

    /// The longest possible length in ms; infinity for the shapes without one.
    double longest_ms() const;

    bool operator==(const distribution&) const = default;
};

/// "constant", "uniform", "exponential" or "log_normal", as in a scenario file.
std::string_view to_string(shape);

}  // namespace admit::load
