// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <string_view>

#include "checker/atomic.hpp"
#include "checker/explorer.hpp"
#include "checker/options.hpp"
#include "checker/thread.hpp"

namespace admit::model {

/// Searches, prints the summary, and fails the doctest case with the report if there is a
/// violation. The command line may change the bounds (README.md). With `--replay` it runs the
/// execution of the seed if the seed is of this test, and else nothing.
void explore(std::string_view name, const options& config, const std::function<void()>& body);

inline void explore(std::string_view name, const std::function<void()>& body) {
    explore(name, options{}, body);
}

}  // namespace admit::model
