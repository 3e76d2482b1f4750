#pragma once

#include <span>

#include "checker/candidate.hpp"
#include "checker/choice_path.hpp"

namespace admit::model {

/// Who makes the choices of an execution. Whatever it answers is in `path()` afterwards.
class strategy {
public:
    strategy() = default;
    strategy(const strategy&) = delete;
    strategy& operator=(const strategy&) = delete;
    virtual ~strategy() = default;

    virtual void begin_execution() = 0;
    /// Which of two or more candidates goes on. `yielding`: the running thread waits for others.
    virtual unsigned pick_thread(std::span<const candidate> candidates, thread_id running,
                                 bool yielding) = 0;
    /// Which of `arity` >= 2 outcomes an operation has; 0 is the ordinary one.
    virtual unsigned pick_outcome(unsigned arity) = 0;

    [[nodiscard]] const choice_path& path() const { return path_; }

protected:
    choice_path path_;  // NOLINT: both strategies extend it
};

}  // namespace admit::model
