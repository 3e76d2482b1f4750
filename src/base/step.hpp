// SPDX-License-Identifier: BSL-1.0
// Named places in the protocols. The model checker shows them in the interleavings that it prints;
// other builds compile them out.
#pragma once

#ifdef ADMIT_MODEL
#include "checker/atomic.hpp"
#endif

namespace admit::core {

#ifdef ADMIT_MODEL
using model::step;
#else
inline void step(const char*) noexcept {}
#endif

}  // namespace admit::core
