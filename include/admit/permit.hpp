// SPDX-License-Identifier: BSL-1.0
/// @file
/// The handle of one admitted conversation, and the name that outlives it.
#pragma once

#include <admit/detail/public.hpp>
#include <admit/limits.hpp>
#include <cstdint>
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
    cancelled,  ///< called off by the user or the bot
};

/// The name of a status.
///
/// @param how The status.
/// @return "completed", "idle", "timed_out", "error", "drained" or "cancelled"; "unknown" for a
///   value that is no status.
/// @par Thread safety
/// Any number of threads at once.
/// @par Progress
/// Wait-free; throws and allocates nothing.
ADMIT_PUBLIC std::string_view to_string(status how) noexcept;

/// The name of one conversation, unique in the process and never used again.
///
/// A plain value; the default-constructed id names no conversation. A bot keeps rooms, histories
/// and other things that belong to a conversation under this id: it compares, orders and hashes.
struct ADMIT_PUBLIC conversation_id {
    std::uint64_t engine = 0;      ///< the number of the engine, from 1; 0 for no conversation
    std::uint64_t generation = 0;  ///< the slot's generation, odd while a conversation holds it
    std::uint32_t slot = 0;        ///< the number of the slot in its engine, from 0

    /// Orders ids by engine, generation and slot. The order has no meaning beyond a map's.
    friend auto operator<=>(const conversation_id&, const conversation_id&) = default;

    /// Reads what `to_string` wrote.
    ///
    /// @param text An id as text: "1-7-42".
    /// @return The id, or nothing for any other text.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Wait-free; throws and allocates nothing.
    static std::optional<conversation_id> from_string(std::string_view text) noexcept;
};

/// An id as text, which `conversation_id::from_string` reads.
///
/// @param id The id.
/// @return "engine-slot-generation" in decimal: "1-7-42".
/// @throws std::bad_alloc Without memory for the text.
/// @par Thread safety
/// Any number of threads at once.
ADMIT_PUBLIC std::string to_string(const conversation_id& id);

/// Writes an id as `to_string` does.
///
/// @param out The stream.
/// @param id The id.
/// @return `out`.
/// @par Errors
/// Those of the stream.
/// @par Thread safety
/// That of the stream.
ADMIT_PUBLIC std::ostream& operator<<(std::ostream& out, const conversation_id& id);

/// One admitted conversation: a handle that ends it when the handle is destroyed.
///
/// The conversation counts against the limits until it is ended: by `end`, by the destructor, by
/// expiry or by a drain, whichever comes first. A permit is move-only. A default-constructed or
/// moved-from permit is empty.
///
/// @par Example
/// @code
/// auto permit = engine.try_admit("@alice:example.org");
/// if (!permit) return permit.error().message();  // why alice's conversation may not start
/// permit->touch();                               // alice wrote: the idle timeout begins anew
/// @endcode
///
/// @par Lifetimes
/// A permit may outlive its engine. It then refers to a conversation that has ended.
/// @par Thread safety
/// One permit is used by one thread at a time; different permits by any threads at once.
/// @par Progress
/// Every operation is lock-free, allocates nothing and throws nothing. A loop repeats only because
/// another thread's operation on the same cache line succeeded meanwhile. There is one exception:
/// a thread that ends a conversation for which an admission waits, by `end` or by the destructor,
/// posts to the executor of the waiter that it serves. That post may lock and allocate.
class [[nodiscard]] ADMIT_PUBLIC permit {
public:
    /// An empty permit. O(1).
    permit() noexcept = default;

    /// Takes the conversation over. O(1).
    /// @param other The permit to take it from; empty afterwards.
    permit(permit&& other) noexcept
        : group_{std::exchange(other.group_, nullptr)}, id_{other.id_}, ended_{other.ended_} {}

    /// Ends this permit's conversation as the destructor does, and takes the other's over. Moving a
    /// permit to itself does nothing.
    /// @param other The permit to take the conversation from; empty afterwards.
    /// @return This permit.
    permit& operator=(permit&& other) noexcept {
        if (this == &other) return *this;
        if (group_ != nullptr) let_go();
        group_ = std::exchange(other.group_, nullptr);
        id_ = other.id_;
        ended_ = other.ended_;
        return *this;
    }

    /// Ends the conversation if it is still active: as `status::error` while an exception unwinds
    /// the stack of this thread, otherwise as `status::completed`.
    ///
    /// The end is synchronous, so a cancelled coroutine cleans up when it is destroyed.
    /// @par Progress
    /// As `end`.
    /// @par Complexity
    /// As `end`.
    ~permit() {
        if (group_ != nullptr) let_go();
    }

    /// Whether this is the handle of a conversation, be it active or ended. O(1).
    /// @return False for an empty permit.
    explicit operator bool() const noexcept { return group_ != nullptr; }

    /// Records activity now, which postpones the idle timeout.
    ///
    /// @return True: the conversation will not be idle before now + `limits::idle_timeout`.
    ///   False: it has ended; or it is about to end, because an `engine::expire` found it idle; or
    ///   the permit is empty.
    /// @par Thread safety
    /// One thread at a time for one permit.
    /// @par Progress
    /// Lock-free; throws and allocates nothing.
    /// @par Complexity
    /// O(1). It writes at most once per tick of the coarse clock (1 to 10 ms on Linux), and then
    /// by one compare-and-swap on a cache line that eight neighbouring slots share.
    bool touch() noexcept;

    /// Ends the conversation.
    ///
    /// A conversation is ended exactly once, however many threads try.
    ///
    /// @param how What the conversation ends as. A value that is no `status` counts as
    ///   `status::error`.
    /// @return True: this call ended it. False: it had ended already, or the permit is empty.
    /// @par Thread safety
    /// One thread at a time for one permit. Other threads may end the same conversation by its id.
    /// @par Progress
    /// Lock-free; throws and allocates nothing, unless it serves a waiter by a post to the waiter's
    /// executor.
    /// @par Complexity
    /// O(1): three atomic read-modify-writes, and a few more when the engine was full; O(1)
    /// expected for each waiter that is served.
    bool end(status how = status::completed) noexcept;

    /// How long until the conversation's first timeout, by the limits in force.
    ///
    /// @return The time in nanoseconds; `never` if the conversation has no timeout; 0 if a timeout
    ///   is due, the conversation has ended, or the permit is empty.
    /// @par Thread safety
    /// One thread at a time for one permit.
    /// @par Progress
    /// Lock-free; throws and allocates nothing.
    /// @par Complexity
    /// O(1).
    duration remaining() const noexcept;

    /// Under `async_with_permit`: what the conversation is about to end as, and for what reason its
    /// body is cancelled.
    ///
    /// @return The status, or nothing as long as the conversation may go on.
    /// @par Thread safety
    /// One thread at a time for one permit.
    /// @par Progress
    /// Lock-free; throws and allocates nothing.
    /// @par Complexity
    /// O(1).
    std::optional<status> ending() const noexcept;

    /// The conversation's id. O(1).
    /// @return The id; that of no conversation when the permit is empty.
    conversation_id id() const noexcept { return group_ != nullptr ? id_ : conversation_id{}; }

    /// Gives up the handle: the conversation lives on under its id until `engine::end`, expiry, a
    /// drain or the end of its engine. The permit is empty afterwards.
    ///
    /// @return The conversation's id; that of no conversation when the permit was empty.
    /// @par Thread safety
    /// One thread at a time for one permit.
    /// @par Progress
    /// Wait-free; throws and allocates nothing.
    /// @par Complexity
    /// O(1).
    conversation_id detach() noexcept;

private:
    friend class engine;
    friend struct detail::access;
    permit(core::slot_group* group, const conversation_id& id) noexcept : group_{group}, id_{id} {}

    void let_go() noexcept;

    core::slot_group* group_ = nullptr;  // type-stable memory: may be read after the engine is gone
    [[no_unique_address]] conversation_id id_;  // `ended_` is in its padding
    status ended_ = status::completed;  ///< if `end` ended the conversation: what it ended as
};

}  // namespace admit

/// Hashes an `admit::conversation_id`, so that it can be the key of a `std::unordered_map`.
template <>
struct std::hash<admit::conversation_id> {
    /// @param id The id.
    /// @return Its hash. O(1).
    std::size_t operator()(const admit::conversation_id& id) const noexcept {
        // Generations and slots both count up from small numbers: spread them by odd constants.
        return static_cast<std::size_t>(
            ((id.engine * 0x9E3779B97F4A7C15U + id.slot) * 0xBF58476D1CE4E5B9U) ^
            (id.generation * 0x94D049BB133111EBU));
    }
};
