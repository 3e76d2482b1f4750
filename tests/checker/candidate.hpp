#pragma once

#include "checker/vector_clock.hpp"

namespace admit::model {

/// One thing the scheduler may do next.
struct candidate {
    thread_id thread;  ///< who takes the next step
    bool preempts;     ///< the running thread could have gone on
    bool suspends;     ///< the running thread is stopped until the others have finished
};

}  // namespace admit::model
