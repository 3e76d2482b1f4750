// One who waits, as the engine sees it: what the operations of Asio have in common with whoever
// serves them. Not for users.
#pragma once

#include <cstdint>
#include <string_view>

namespace admit::core {

struct verdict;

/// What one waits for who comes in: a slot, or the end of a drain. A supervisor, whose stay is
/// beside a conversation, does not come in.
enum class wait_kind : std::uint8_t { for_slot, for_idle };

class waiter_base {
public:
    /// Arranges for the waiter to go on, elsewhere and later; for a supervisor, to hear that its
    /// conversation is to end. Called by whoever claimed its cell. True: done, and the callee may
    /// be gone. False: impossible now; it keeps the verdict, and will be asked again with an empty
    /// one.
    virtual bool wake(const verdict& verdict) noexcept = 0;

    /// It is not needed any more: its context goes away; or, as a supervisor, it has left while it
    /// was being woken.
    virtual void abandon() noexcept = 0;

    /// The user id of one who waits for room.
    virtual std::string_view user() const noexcept { return {}; }

protected:
    ~waiter_base() = default;
};

}  // namespace admit::core
