// One who waits, as the engine sees it: what the operations of Asio have in common with whoever
// serves them. Not for users.
#pragma once

#include <cstdint>
#include <string_view>

namespace admit::core {

struct admission;

/// What one waits for who comes in: a slot, or the end of a drain. A supervisor, whose stay is
/// beside a conversation, does not come in.
enum class stay : std::uint8_t { for_room, for_rest };

class sleeper {
public:
    /// Arranges for the waiter to go on, elsewhere and later; for a supervisor, to hear that its
    /// conversation is to end. Called by whoever claimed its cell. True: done, and the callee may
    /// be gone. False: impossible now; it keeps the verdict, and will be asked again with an empty
    /// one.
    virtual bool wake(const admission& verdict) noexcept = 0;

    /// It is not needed any more: its context goes away; or, as a supervisor, it has left while it
    /// was being woken.
    virtual void perish() noexcept = 0;

    /// The user id of one who waits for room.
    virtual std::string_view user() const noexcept { return {}; }

protected:
    ~sleeper() = default;
};

}  // namespace admit::core
