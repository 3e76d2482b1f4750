// Named places in the protocols where a test can stop a thread. The product compiles them out.
#pragma once

#ifdef ADMIT_MODEL
#include "model/atomic.hpp"
#endif

namespace admit::core {

#if defined(ADMIT_MODEL)
using model::step;
#elif defined(ADMIT_STEP_HOOKS)
/// What a test wants to run at each step; called with the step's name.
inline thread_local void (*step_hook)(const char* name) = nullptr;

inline void step(const char* name) {
    if (step_hook != nullptr) step_hook(name);
}
#else
inline void step(const char*) noexcept {}
#endif

}  // namespace admit::core
