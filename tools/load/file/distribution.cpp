// SPDX-License-Identifier: BSL-1.0
// Distributions by Boost.Random: those of the standard library differ between libraries.
#include "load/file/distribution.hpp"

#include <algorithm>
#include <array>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/seed_seq.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>
#include <limits>

namespace admit::load {
namespace {

constexpr double ns_per_ms = 1e6;
constexpr double longest = 86'400e3;  // ms
constexpr double normal_p95 = 1.6448536269514722;

/// The standard deviation of the logarithm, from the median and the 95th percentile.
double log_sigma(const distribution& of) { return std::log(of.b / of.a) / normal_p95; }

double draw_ms(const distribution& of, random_engine& rng) {
    switch (of.shape) {
        case shape::constant: break;
        case shape::uniform:
            if (of.a == of.b) break;
            return boost::random::uniform_real_distribution<double>(of.a, of.b)(rng);
        case shape::exponential:
            if (of.a == 0) break;
            return boost::random::exponential_distribution<double>(1 / of.a)(rng);
        case shape::log_normal:
            return boost::random::lognormal_distribution<double>(std::log(of.a),
                                                                 log_sigma(of))(rng);
    }
    return of.a;
}

}  // namespace

random_engine make_random(std::uint64_t seed, std::uint64_t stream) {
    const std::array<std::uint32_t, 4> words = {
        static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
        static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
    boost::random::seed_seq sequence(words.begin(), words.end());
    return random_engine(sequence);
}

double draw_unit(random_engine& rng) { return boost::random::uniform_01<double>()(rng); }

admit::duration distribution::draw(random_engine& rng) const {
    const double ms = std::clamp(draw_ms(*this, rng), 0.0, longest);
    return admit::duration(std::llround(ms * ns_per_ms));
}

double distribution::mean_ms() const {
    switch (shape) {
        case shape::uniform: return (a + b) / 2;
        case shape::log_normal: return a * std::exp(log_sigma(*this) * log_sigma(*this) / 2);
        case shape::constant:
        case shape::exponential: break;
    }
    return a;
}

double distribution::longest_ms() const {
    switch (shape) {
        case shape::constant: return a;
        case shape::uniform: return b;
        case shape::exponential:
        case shape::log_normal: break;
    }
    return std::numeric_limits<double>::infinity();
}

std::string_view to_string(shape which) {
    constexpr std::array<std::string_view, 4> names = {"constant", "uniform", "exponential",
                                                       "log_normal"};
    return names[static_cast<std::size_t>(which)];
}

}  // namespace admit::load
