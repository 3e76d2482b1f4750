// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "checker/thread_id.hpp"

namespace admit::model {

/// An alternative of the scheduler at one scheduling point.
struct candidate {
    thread_id thread;  ///< takes the next step
    bool preempts;     ///< the running thread is enabled, and another thread takes the step
    bool suspends;     ///< the running thread stops until the other threads have finished
};

}  // namespace admit::model
