// SPDX-License-Identifier: BSL-1.0
// A lane counts the conversations of one user. user_table.hpp makes its buckets of lanes; the
// waiting room owes room in them to waiters. docs/design.md#users explains the binding.
//
//     bound(generation, count)  --reserve, if the count is 0-->  reserved(generation + 1)
//     reserved(generation)      --bind-->                        bound(generation, 1)
//     reserved(generation)      --release-->                     bound(generation, 0), to no user
//
// A lane is bound to a user by its tag, which only the holder of the reservation writes. A
// generation of a lane is reserved once. It wraps after 2^30 bindings: with 100 ns for each, a
// thread would have to stay suspended for 107 seconds. So a compare-and-swap of a bound word
// succeeds only if the tag is that of its generation.
//
// The count includes room that is owed to waiters of the user, which no other request may take.
// Only the combiner of the waiters changes what is owed. It sets `watched` to be signalled when the
// count goes down: the thread that discharges finds the bit.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "base/sizes.hpp"
#include "base/update.hpp"

namespace admit::core {

/// A user's identity: the keyed hash of the user id.
using user_tag = std::uint64_t;

/// The tag of a lane that is bound to no user. No user has this tag.
inline constexpr user_tag no_user = 0;

class lane {
public:
    static constexpr std::uint32_t max_count = (std::uint32_t{1} << 22) - 1;
    /// The most that can be owed to one user at a time.
    static constexpr std::uint32_t max_owed = (std::uint32_t{1} << 10) - 1;

    class snapshot {
    public:
        /// All that counts against the user's limit.
        std::uint32_t count() const noexcept {
            return static_cast<std::uint32_t>(bits_) & max_count;
        }
        /// The part of the count that is owed to waiters.
        std::uint32_t owed() const noexcept {
            return static_cast<std::uint32_t>(bits_ >> owed_shift) & max_owed;
        }
        std::uint32_t active() const noexcept { return count() - owed(); }
        bool watched() const noexcept { return (bits_ & watched_bit) != 0; }
        bool reserved() const noexcept { return (bits_ & reserved_bit) != 0; }
        std::uint64_t generation() const noexcept { return bits_ >> generation_shift; }

        snapshot() noexcept = default;  // counts nothing

    private:
        friend class lane;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t bits_ = 0;
    };

    /// The result of an attempt to count one more conversation.
    enum class charged {
        yes,
        at_limit,  ///< the user had that many at some instant within the call
        not_here,  ///< the lane is not bound to the user
    };

    /// acquire: edge bind -> charge; a tag read after this is of this generation or a later one.
    snapshot read() const noexcept { return snapshot{bits_.load(memory_order_acquire)}; }

    user_tag tag() const noexcept {
        // acquire: edge tag -> charge; a thread that reads the tag of a later generation also sees
        // the reservation, so that its compare-and-swap of the earlier word fails.
        return tag_.load(memory_order_acquire);
    }

    /// Counts one more conversation of the user, unless there are `limit` already. Lock-free.
    charged charge(user_tag user, std::uint32_t limit) noexcept {
        ADMIT_ASSERT(limit <= max_count);
        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || tag() != user) return charged::not_here;
            if (seen.count() >= limit) {
                // The tag may be of a later generation than the count, unless it is read again.
                const snapshot again = read();
                if (again.generation() == seen.generation()) return charged::at_limit;
                seen = again;
                continue;
            }
            // acquire on failure: edge bind -> charge. Success would need none, for a count guards
            // no data; but g++ 12 does not take it weaker than failure.
            if (bits_.compare_exchange_weak(seen.bits_, seen.bits_ + 1, memory_order_acquire,
                                            memory_order_acquire))
                return charged::yes;
        }
    }

    /// The lane as it counts this user; counts nothing if the lane is not the user's. Lock-free.
    snapshot state_of(user_tag user) const noexcept {
        for (snapshot seen = read();;) {
            const bool here = !seen.reserved() && tag() == user;
            const snapshot again = read();
            if (again.generation() == seen.generation()) return here ? seen : snapshot{};
            seen = again;
        }
    }

    /// Counts one conversation less. The lane is bound to the caller's user, because it counts at
    /// least one. True if the lane is watched: the caller signals the waiting room.
    bool discharge() noexcept {
        // relaxed: a count guards no data; edge give -> take orders it before the next taking of
        // the slot. `watch` changes the same word, so either this finds the bit or `watch` finds
        // the lower count.
        const snapshot before{bits_.fetch_sub(1, memory_order_relaxed)};
        ADMIT_ASSERT(!before.reserved() && before.count() > before.owed());
        return before.watched();
    }

    // --- for the combiner of the waiters, one thread at a time ------------------------------

    /// Asks for a signal at the next discharge. False if the user has room, or is not counted here.
    bool watch(user_tag user, std::uint32_t limit) noexcept {
        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || tag() != user || seen.count() < limit) return false;
            // acquire: as in `charge`.
            if (bits_.compare_exchange_weak(seen.bits_, seen.bits_ | watched_bit,
                                            memory_order_acquire, memory_order_acquire))
                return true;
        }
    }

    /// Called by the thread that found the lane watched, before it signals: later discharges need
    /// not signal.
    void unwatch() noexcept {
        // relaxed: the combiner looks at the lane again after the signal (edge combiner).
        bits_.fetch_and(~watched_bit, memory_order_relaxed);
    }

    /// One of the counted is owed to a waiter of the user.
    void add_owed() noexcept {
        // relaxed: a count guards no data.
        [[maybe_unused]] const snapshot before{bits_.fetch_add(owed_one, memory_order_relaxed)};
        ADMIT_ASSERT(!before.reserved() && before.count() > before.owed());
        ADMIT_ASSERT(before.owed() < max_owed);
    }

    /// An owed one has become a conversation.
    void convert_owed() noexcept { remove_owed(owed_one); }

    /// An owed one is not counted any more: its waiter has gone.
    void cancel_owed() noexcept { remove_owed(owed_one + 1); }

    // --- binding ----------------------------------------------------------------------------

    /// Takes the lane from its user if it counts nothing. True if the caller now holds the
    /// reservation, of this generation.
    bool reserve(std::uint64_t& generation) noexcept {
        // relaxed: only the compare-and-swap decides.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        if (snapshot{seen}.reserved() || snapshot{seen}.count() != 0) return false;
        generation = ((seen >> generation_shift) + 1) & last_generation;
        if (generation == 0) generation = 1;  // 0 stands for no binding, see home_word
        // acquire: edge bind -> charge; the next tag is written after the last one was bound.
        return bits_.compare_exchange_strong(seen, generation << generation_shift | reserved_bit,
                                             memory_order_acquire, memory_order_relaxed);
    }

    /// Names the user to be bound. Only for the holder of the reservation.
    void set_tag(user_tag user) noexcept {
        // release: edge tag -> charge.
        tag_.store(user, memory_order_release);
    }

    /// Binds a lane with a published reservation, with a count of 1. Every thread may; all calls
    /// but the first do nothing.
    void bind(std::uint64_t generation) noexcept {
        ADMIT_ASSERT(generation != 0 && generation <= last_generation);
        std::uint64_t seen = generation << generation_shift | reserved_bit;
        // release: edge bind -> charge. relaxed on failure: another thread has bound it.
        bits_.compare_exchange_strong(seen, generation << generation_shift | 1,
                                      memory_order_release, memory_order_relaxed);
        // Either it was this reservation, which counts nothing, or the reservation is gone.
        ADMIT_ASSERT(!snapshot{seen}.reserved() || snapshot{seen}.generation() != generation ||
                     snapshot{seen}.count() + snapshot{seen}.owed() == 0);
    }

    /// Binds the lane to no user. Only for the holder of a reservation that was not published.
    void release(std::uint64_t generation) noexcept {
        ADMIT_ASSERT(generation != 0 && generation <= last_generation);
        set_tag(no_user);
        // release: edge bind -> charge; the tag is no user's.
        bits_.store(generation << generation_shift, memory_order_release);
    }

private:
    static constexpr std::uint64_t watched_bit = std::uint64_t{1} << 22;
    static constexpr std::uint64_t reserved_bit = std::uint64_t{1} << 23;
    static constexpr unsigned owed_shift = 24;
    static constexpr std::uint64_t owed_one = std::uint64_t{1} << owed_shift;
    static constexpr unsigned generation_shift = 34;
    static constexpr std::uint64_t last_generation = ~std::uint64_t{0} >> generation_shift;

    void remove_owed(std::uint64_t difference) noexcept {
        // relaxed: a count guards no data.
        [[maybe_unused]] const snapshot before{bits_.fetch_sub(difference, memory_order_relaxed)};
        ADMIT_ASSERT(!before.reserved() && before.owed() > 0 && before.count() >= before.owed());
    }

    // Bits 0-21: the count, owed room included. Bit 22: watched. Bit 23: reserved. Bits 24-33: how
    // many of the count are owed to waiters. Bits 34-63: the generation of the binding.
    atomic<std::uint64_t> bits_{0};
    atomic<user_tag> tag_{no_user};
};

}  // namespace admit::core
