#pragma once

#include <string>

#include "checker/memory.hpp"

namespace admit::model {

/// The interleaving of the last execution, one line an event.
std::string print_interleaving(const memory& of);

}  // namespace admit::model
