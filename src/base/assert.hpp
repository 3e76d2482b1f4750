// SPDX-License-Identifier: BSL-1.0
// ADMIT_ASSERT states an invariant of a word or a queue. Debug, sanitizer and model builds check
// it; release builds compile it out. docs/invariants.md lists what the assertions show.
#pragma once

#ifdef ADMIT_MODEL
#include "checker/thread.hpp"
#define ADMIT_ASSERT(condition) ::admit::model::check((condition), #condition)
#else
#include <cassert>
#define ADMIT_ASSERT(condition) assert(condition)
#endif
