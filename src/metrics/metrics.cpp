// SPDX-License-Identifier: BSL-1.0
#include <admit/detail/engine_figures.hpp>
#include <admit/metrics.hpp>
#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "metrics/families.hpp"

namespace admit {

namespace {

using detail::shown_engine;

constexpr std::size_t longest_name = 255;

/// The same on every locale.
bool printable(char byte) noexcept { return byte >= ' ' && byte <= '~'; }

/// Throws `std::invalid_argument` for what is no value of the label `engine`.
void check_name(const std::string& name) {
    const std::string allowed = "1 to 255 printable characters of ASCII are allowed";
    if (name.empty() || name.size() > longest_name)
        throw std::invalid_argument("admit::metrics: the name of the engine has " +
                                    std::to_string(name.size()) + " characters; " + allowed);
    const auto wrong = std::find_if_not(name.begin(), name.end(), printable);
    if (wrong != name.end())
        throw std::invalid_argument(
            "admit::metrics: byte " + std::to_string(std::distance(name.begin(), wrong) + 1) +
            " of the name of the engine is " +
            std::to_string(static_cast<unsigned>(static_cast<unsigned char>(*wrong))) + "; " +
            allowed);
}

}  // namespace

metrics::metrics() noexcept = default;
metrics::~metrics() = default;

void metrics::add(engine& source, std::string name) {
    check_name(name);
    const detail::engine_ref engine{source};
    const std::lock_guard lock{mutex_};
    std::erase_if(engines_, [](const shown_engine& each) { return !each.engine.alive(); });
    for (const shown_engine& each : engines_) {
        if (each.engine.number() == engine.number())
            throw std::invalid_argument("admit::metrics: the engine is shown already, as \"" +
                                        each.name + "\"");
        if (each.name == name)
            throw std::invalid_argument("admit::metrics: the name \"" + name +
                                        "\" is taken; each engine needs a name of its own");
    }
    engines_.push_back({engine, std::move(name)});
}

void metrics::remove(engine& source) noexcept {
    const detail::engine_ref engine{source};
    const std::lock_guard lock{mutex_};
    std::erase_if(engines_, [&](const shown_engine& each) {
        return each.engine.number() == engine.number();
    });
}

std::vector<prometheus::MetricFamily> metrics::Collect() const {
    const std::lock_guard lock{mutex_};
    std::vector<scraped_engine> scraped;
    scraped.reserve(engines_.size());
    for (shown_engine& each : engines_) {
        auto figures = detail::read_figures(each.engine);
        if (!figures) continue;
        // Beside concurrent endings a reading can count too many as completed. Prometheus would
        // take a counter that goes down for a new process, and add all of it once more.
        std::uint64_t& completed = figures->stats.ended.completed;
        each.completed = completed = std::max(completed, each.completed);
        scraped.push_back({each.name, *figures});
    }
    return families_of(scraped);
}

}  // namespace admit
