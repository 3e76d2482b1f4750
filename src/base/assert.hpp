// ADMIT_ASSERT states an invariant of a word or a queue. It is checked in debug, sanitizer and
// model builds and costs nothing in a release. `docs/invariants.md` lists what the assertions show.
#pragma once

#ifdef ADMIT_MODEL
#include "checker/thread.hpp"
#define ADMIT_ASSERT(condition) ::admit::model::check((condition), #condition)
#else
#include <cassert>
#define ADMIT_ASSERT(condition) assert(condition)
#endif
