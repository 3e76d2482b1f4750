// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include "checker/memory.hpp"

namespace admit::model {

/// The interleaving of the last execution, with one line for each event.
std::string print_interleaving(const memory& shared);

}  // namespace admit::model
