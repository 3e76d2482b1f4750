#pragma once

#include <set>
#include <vector>

#include "checker/random_program.hpp"

namespace admit::model {

/// The outcomes of a program of loads, stores and additions by the axioms of C++20 ([intro.races],
/// [atomics.order]), in the form of execute(). Enumerates every order of execution and every
/// source of every read, and keeps what the axioms allow; shares nothing with the checker.
std::set<std::vector<int>> outcomes_by_axioms(const program& of);

}  // namespace admit::model
