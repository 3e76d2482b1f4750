// The ranges of the limits.
#pragma once

#include <admit/limits.hpp>

namespace admit {

/// Throws `std::invalid_argument`, naming the field, the value and the allowed range.
void check(const limits& limits);

}  // namespace admit
