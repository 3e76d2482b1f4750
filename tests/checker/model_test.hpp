#pragma once

#include <functional>
#include <string_view>

#include "checker/atomic.hpp"
#include "checker/explorer.hpp"
#include "checker/options.hpp"
#include "checker/thread.hpp"

namespace admit::model {

/// For doctest cases: searches, prints the summary, and fails the case with the report if a
/// violation was found. The command line may change the bounds (see README.md); with `--replay`,
/// runs the named execution if its seed is of this test, and nothing otherwise.
void explore(std::string_view name, const options& how, const std::function<void()>& body);

inline void explore(std::string_view name, const std::function<void()>& body) {
    explore(name, options{}, body);
}

}  // namespace admit::model
