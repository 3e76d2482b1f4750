// The handle of one admitted conversation, and the name that outlives it.
#pragma once

#include <admit/limits.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace admit {

namespace core {
struct slot_group;
}
namespace detail {
struct access;
}
class engine;

/// How a conversation ended.
enum class status : std::uint8_t {
    completed,  ///< its work was done
    idle,       ///< no activity for `limits::idle_timeout`
    timed_out,  ///< older than `limits::max_duration`
    error,      ///< its work failed
    drained,    ///< cut off because the engine shuts down
};

/// "completed", "idle", "timed_out", "error" or "drained".
std::string_view to_string(status) noexcept;

/// The name of one conversation, unique in the process and never used again: the number of the
/// engine, the slot, and the slot's generation, which is odd while a conversation holds the slot.
/// A plain value; the default-constructed id names no conversation. Rooms, histories and other
/// things that belong to a conversation are kept by the bot under this id.
struct conversation_id {
    std::uint64_t engine = 0;
    std::uint64_t generation = 0;
    std::uint32_t slot = 0;

    friend auto operator<=>(const conversation_id&, const conversation_id&) = default;

    /// Reads what `to_string` wrote; nothing for any other text. Throws nothing.
    static std::optional<conversation_id> from_string(std::string_view text) noexcept;
};

/// The id as text, "engine-slot-generation" in decimal: "1-7-42".
std::string to_string(const conversation_id&);
std::ostream& operator<<(std::ostream&, const conversation_id&);

/// One admitted conversation. It counts against the limits until it is ended: by `end`, by the
/// destructor, by expiry or by a drain, whichever comes first. Move-only; a default-constructed or
/// moved-from permit is empty.
///
/// Thread safety: one permit is used by one thread at a time; different permits by any threads.
/// Lifetime: a permit may outlive its engine; it then refers to a conversation that has ended.
/// Progress: every operation is lock-free, allocates nothing and throws nothing. A loop repeats
/// only because another thread's operation on the same cache line succeeded meanwhile. One
/// exception: who ends a conversation for which somebody waits, by `end` or by the destructor,
/// posts to the executor of whoever is served, which may lock and allocate.
class [[nodiscard]] permit {
public:
    permit() noexcept = default;
    permit(permit&& other) noexcept
        : group_{std::exchange(other.group_, nullptr)}, id_{other.id_} {}
    permit& operator=(permit&& other) noexcept {
        if (this == &other) return *this;
        if (group_ != nullptr) let_go();
        group_ = std::exchange(other.group_, nullptr);
        id_ = other.id_;
        return *this;
    }

    /// Ends the conversation if it is still active: as `error` while an exception unwinds the stack
    /// of this thread, otherwise as `completed`.
    /// Synchronous, so that a cancelled coroutine cleans up by merely being destroyed.
    ~permit() {
        if (group_ != nullptr) let_go();
    }

    /// True while this is the handle of a conversation, be it active or ended. O(1).
    explicit operator bool() const noexcept { return group_ != nullptr; }

    /// Records activity now, which postpones the idle timeout. True: the conversation will not be
    /// idle before now + `idle_timeout`. False: it has ended, or is about to since an `expire`
    /// found it idle, or the permit is empty. Lock-free, O(1). Writes at most once per tick of the
    /// coarse clock (1 to 10 ms on Linux), and then by one compare-and-swap on a line that eight
    /// neighbouring slots share.
    bool touch() noexcept;

    /// Ends the conversation. False: it had ended already, or the permit is empty. The conversation
    /// is ended exactly once whoever tries, and this call tells whether it was the one.
    /// Lock-free, O(1): three atomic read-modify-writes, and a few more when the engine was full;
    /// O(1) expected for each waiter that is served.
    bool end(status how = status::completed) noexcept;

    /// How long until the conversation's first timeout, by the limits in force: `never` if it has
    /// none, 0 if one is due, or the conversation has ended. Lock-free, O(1).
    duration remaining() const noexcept;

    /// Under `async_with_permit`: what the conversation is about to end as, and its body cancelled
    /// for; nothing as long as it may go on. Lock-free, O(1).
    std::optional<status> ending() const noexcept;

    /// The conversation's id; that of no conversation when empty. O(1).
    conversation_id id() const noexcept { return group_ != nullptr ? id_ : conversation_id{}; }

    /// Gives up the handle: the conversation lives on under the returned id until `engine::end` or
    /// expiry. The permit is empty afterwards. O(1).
    conversation_id detach() noexcept;

private:
    friend class engine;
    friend struct detail::access;
    permit(core::slot_group* group, const conversation_id& id) noexcept : group_{group}, id_{id} {}

    void let_go() noexcept;

    core::slot_group* group_ = nullptr;  // type-stable memory: may be read after the engine is gone
    conversation_id id_;
};

}  // namespace admit

template <>
struct std::hash<admit::conversation_id> {
    std::size_t operator()(const admit::conversation_id& id) const noexcept {
        // Generations and slots both count up from small numbers: spread them by odd constants.
        return static_cast<std::size_t>(
            ((id.engine * 0x9E3779B97F4A7C15U + id.slot) * 0xBF58476D1CE4E5B9U) ^
            (id.generation * 0x94D049BB133111EBU));
    }
};
