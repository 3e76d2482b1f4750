// One who waits, as the engine sees it. Implemented by the operations of src/async.
#pragma once

#include <string_view>

#include "admission/admission.hpp"

namespace admit::admission {

class sleeper {
public:
    /// Arranges for the waiter to go on, elsewhere and later; for a supervisor, to hear that its
    /// conversation is to end. Called by whoever claimed its cell. True: done, and the callee may
    /// be gone. False: impossible now; it will be asked again.
    virtual bool wake(const admission& verdict) noexcept = 0;

    /// It is not needed any more: its context goes away; or, as a supervisor, it has left while it
    /// was being woken.
    virtual void perish() noexcept = 0;

    /// The user id of one who waits for room.
    virtual std::string_view user() const noexcept { return {}; }

protected:
    ~sleeper() = default;
};

}  // namespace admit::admission
