// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "checker/candidate.hpp"
#include "checker/choice_path.hpp"

namespace admit::model {

/// Makes the choices of an execution. Afterwards they are in `path()`.
class strategy {
public:
    strategy() = default;
    strategy(const strategy&) = delete;
    strategy& operator=(const strategy&) = delete;
    virtual ~strategy() = default;

    virtual void begin_execution() = 0;
    /// Index of the candidate that is scheduled, of two or more. `yielding`: the running thread
    /// waits for other threads.
    virtual unsigned pick_thread(std::span<const candidate> candidates, thread_id running,
                                 bool yielding) = 0;
    /// Index of an operation's outcome, of `arity` >= 2; outcome 0 is the ordinary outcome.
    virtual unsigned pick_outcome(unsigned arity) = 0;

    [[nodiscard]] const choice_path& path() const { return path_; }

protected:
    choice_path path_;  // NOLINT: both strategies extend it
};

}  // namespace admit::model
