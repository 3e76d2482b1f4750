// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <set>
#include <vector>

#include "checker/random_program.hpp"

namespace admit::model {

/// The outcomes of a program of loads, stores and additions by the axioms of C++20 ([intro.races],
/// [atomics.order]), in the form of execute(). Enumerates each order of execution with each source
/// of each read, and keeps those that the axioms allow. Shares no code with the checker.
std::set<std::vector<int>> outcomes_by_axioms(const program& tested);

}  // namespace admit::model
