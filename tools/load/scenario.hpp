// A scenario is three functions; the list of them is the table of the seven.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <span>
#include <string_view>

#include "load/checklist.hpp"
#include "load/metrics.hpp"
#include "load/plan.hpp"
#include "load/settings.hpp"

namespace admit::load {

class stage;

struct scenario {
    std::string_view name;
    std::string_view summary;

    /// The numbers of a run; throws `usage_error` when the settings make no sense for it.
    plan (*prepare)(const settings&, std::size_t threads);

    /// The first coroutine: spawns the users, waits for them, and checks what only shows while
    /// they are at work.
    boost::asio::awaitable<void> (*play)(stage&);

    /// Checks what the run left behind, beyond what `judge_common` checks of every run.
    void (*judge)(const plan&, const metrics&, checklist&);
};

/// In the order of the documentation.
std::span<const scenario> all_scenarios() noexcept;

/// Null when no scenario has this name.
const scenario* find_scenario(std::string_view name) noexcept;

/// Throws `usage_error` for an unknown name, which it compares with the known ones.
const scenario& require_scenario(std::string_view name);

}  // namespace admit::load
