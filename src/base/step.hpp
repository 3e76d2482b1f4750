// Named places in the protocols, which the model checker shows in the interleavings that it prints.
// The product compiles them out.
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
