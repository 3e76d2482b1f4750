// SPDX-License-Identifier: BSL-1.0
// Steps and states as sentences.
#pragma once

#include <string>

#include "steps.hpp"

namespace fleet_model {

std::string told(const step& what, const state& before, const state& after, const configuration& c,
                 unsigned number);

/// What each process may have active, and what Redis thinks.
std::string standing(const state& s, const configuration& c);

}  // namespace fleet_model
