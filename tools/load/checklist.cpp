// SPDX-License-Identifier: BSL-1.0
#include "load/checklist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace admit::load {
namespace {

value number(std::uint64_t count) { return static_cast<std::int64_t>(count); }

value bound(std::string_view comparison, double limit, std::string_view unit) {
    return fmt::format("{} {:.6g}{}{}", comparison, limit, unit.empty() ? "" : " ", unit);
}

}  // namespace

std::string to_string(const value& shown) {
    if (const auto* count = std::get_if<std::int64_t>(&shown)) return std::to_string(*count);
    if (const auto* measured = std::get_if<double>(&shown)) return fmt::format("{:.4g}", *measured);
    return std::get<std::string>(shown);
}

void checklist::add(std::string_view name, value expected, value observed, bool passed,
                    std::string_view causes) {
    checks_.push_back({std::string(name), std::move(expected), std::move(observed), passed,
                       std::string(causes), std::nullopt, false});
}

void checklist::equal(std::string_view name, std::uint64_t expected, std::uint64_t observed,
                      std::string_view causes) {
    add(name, number(expected), number(observed), expected == observed, causes);
}

void checklist::equal(std::string_view name, std::string_view expected, std::string_view observed,
                      std::string_view causes) {
    add(name, std::string(expected), std::string(observed), expected == observed, causes);
}

void checklist::at_most(std::string_view name, std::uint64_t max, std::uint64_t observed,
                        std::string_view causes) {
    add(name, fmt::format("<= {}", max), number(observed), observed <= max, causes);
}

void checklist::at_least(std::string_view name, std::uint64_t min, std::uint64_t observed,
                         std::string_view causes) {
    add(name, fmt::format(">= {}", min), number(observed), observed >= min, causes);
}

void checklist::below(std::string_view name, double limit, double observed, std::string_view unit,
                      std::string_view causes) {
    add(name, bound("<", limit, unit), observed, observed < limit, causes);
}

void checklist::above(std::string_view name, double limit, double observed, std::string_view unit,
                      std::string_view causes) {
    add(name, bound(">", limit, unit), observed, observed > limit, causes);
}

void checklist::threshold(std::string_view name, std::string expected, double observed, bool passed,
                          std::string_view causes) {
    add(name, std::move(expected), observed, passed, causes);
    checks_.back().is_threshold = true;
}

void checklist::below_baseline(std::string_view name, double limit, double observed,
                               std::string_view unit, std::string_view causes) {
    below(name, limit, observed, unit, causes);
    // Zero or negative growth would give no ratio: it counts as a thousandth of a unit.
    checks_.back().times_better = limit / std::max(observed, 0.001);
}

void checklist::above_baseline(std::string_view name, double limit, double observed,
                               std::string_view unit, std::string_view causes) {
    above(name, limit, observed, unit, causes);
    checks_.back().times_better = observed / limit;
}

bool checklist::passed() const noexcept {
    return std::all_of(checks_.begin(), checks_.end(), [](const check& c) { return c.passed; });
}

}  // namespace admit::load
