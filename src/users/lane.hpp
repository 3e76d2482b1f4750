// A lane counts the conversations of one user; buckets of lanes make up the user table.
//
// A lane is bound to a user by its tag. Bindings change only through a reservation:
//
//     bound(epoch, count)  --reserve, if the count is 0-->  reserved(epoch + 1)
//     reserved(epoch)      --bind-->                        bound(epoch, 1)
//     reserved(epoch)      --release-->                     bound(epoch, 0), to nobody
//
// Invariants: the tag is written only by the holder of the reservation. An epoch of a lane is
// reserved once and does not come back while anybody still remembers it (30 bits: with 100 ns for a
// binding, 107 seconds of a thread's suspension). So a compare-and-swap of a bound word succeeds
// only if the tag is the one that belongs to its epoch.
//
// A count includes what is owed to the user's waiters: room that was set aside for them and that
// nobody else may take. Only who serves the waiters changes what is owed, and asks to hear when a
// count goes down: it sets `watched`, and whoever counts one less finds the bit.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"
#include "base/sizes.hpp"

namespace admit::core {

/// A user's identity: the keyed hash of the user id.
using user_tag = std::uint64_t;

/// The tag of a lane that is bound to no user; no user's tag is this.
inline constexpr user_tag no_user = 0;

class lane {
public:
    static constexpr std::uint32_t max_count = (std::uint32_t{1} << 22) - 1;
    /// What can be owed to one user at a time.
    static constexpr std::uint32_t max_owed = (std::uint32_t{1} << 10) - 1;

    class snapshot {
    public:
        /// All that counts against the user's limit.
        std::uint32_t count() const noexcept {
            return static_cast<std::uint32_t>(bits_) & max_count;
        }
        /// Of these, what is set aside for waiters.
        std::uint32_t owed() const noexcept {
            return static_cast<std::uint32_t>(bits_ >> owed_shift) & max_owed;
        }
        std::uint32_t active() const noexcept { return count() - owed(); }
        bool watched() const noexcept { return (bits_ & watched_bit) != 0; }
        bool reserved() const noexcept { return (bits_ & reserved_bit) != 0; }
        std::uint64_t generation() const noexcept { return bits_ >> generation_shift; }

        snapshot() noexcept = default;  // of nobody

    private:
        friend class lane;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t bits_ = 0;
    };

    /// What became of an attempt to count one more.
    enum class charged {
        yes,
        at_limit,  ///< the user had that many at some instant within the call
        not_here,  ///< the lane is not bound to the user
    };

    /// acquire: edge bind -> charge; a tag read after this is at least the one of this epoch.
    snapshot read() const noexcept { return snapshot{bits_.load(memory_order_acquire)}; }

    user_tag tag() const noexcept {
        // acquire: edge tag -> charge; whoever reads the tag of a later epoch also sees that the
        // lane was reserved for it, so that a compare-and-swap of the earlier word fails.
        return tag_.load(memory_order_acquire);
    }

    /// Counts one more conversation of the user, unless there are `limit` already. Lock-free.
    charged charge(user_tag user, std::uint32_t limit) noexcept {
        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || tag() != user) return charged::not_here;
            if (seen.count() >= limit) {
                // The tag may be of a later epoch than the count; only the same one twice tells.
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

    /// What the lane says of this user; nothing counted if it is not the user's. Lock-free.
    snapshot state_of(user_tag user) const noexcept {
        for (snapshot seen = read();;) {
            const bool here = !seen.reserved() && tag() == user;
            const snapshot again = read();
            if (again.generation() == seen.generation()) return here ? seen : snapshot{};
            seen = again;
        }
    }

    /// Counts one less. The lane is bound to the caller's user, because it counts at least one.
    /// True: somebody who serves waiters wants to hear of it.
    bool discharge() noexcept {
        // relaxed: a count guards no data; that it happens before the slot is free again is the
        // matter of edge give -> take. It and `watch` change one word, so either this finds the bit
        // or `watch` finds the lower count.
        return snapshot{bits_.fetch_sub(1, memory_order_relaxed)}.watched();
    }

    // --- for who serves the waiters, one thread at a time -----------------------------------

    /// Asks to hear of the next discharge. False: the user has room, or is not counted here.
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

    /// Whoever found the lane watched, before saying so: the next discharge need not.
    void unwatch() noexcept {
        // relaxed: who serves the waiters looks at the lane again after it was told (edge
        // combiner).
        bits_.fetch_and(~watched_bit, memory_order_relaxed);
    }

    /// One of what is counted is owed to a waiter of the user.
    void add_owed() noexcept {
        bits_.fetch_add(owed_one, memory_order_relaxed);  // relaxed: a count guards no data
    }

    /// What was owed has become a conversation.
    void convert_owed() noexcept {
        bits_.fetch_sub(owed_one, memory_order_relaxed);  // relaxed: as in `owe`
    }

    /// What was owed is not any more: the waiter has gone.
    void cancel_owed() noexcept {
        bits_.fetch_sub(owed_one + 1, memory_order_relaxed);  // relaxed: as in `owe`
    }

    // --- binding ----------------------------------------------------------------------------

    /// Takes the lane from its user if it counts nothing. True: the caller holds `epoch`.
    bool reserve(std::uint64_t& generation) noexcept {
        // relaxed: only the compare-and-swap decides.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        if (snapshot{seen}.reserved() || snapshot{seen}.count() != 0) return false;
        generation = ((seen >> generation_shift) + 1) & last_generation;
        if (generation == 0) generation = 1;  // 0 is no binding: see home_word
        // acquire: edge bind -> charge; the tag written next comes after the one that was bound.
        return bits_.compare_exchange_strong(seen, generation << generation_shift | reserved_bit,
                                             memory_order_acquire, memory_order_relaxed);
    }

    /// Only the holder of the reservation: names the user that the lane is to be bound to.
    void set_tag(user_tag user) noexcept {
        // release: edge tag -> charge.
        tag_.store(user, memory_order_release);
    }

    /// Binds a lane whose reservation was published, counting 1. Anybody may, once is enough.
    void bind(std::uint64_t generation) noexcept {
        std::uint64_t seen = generation << generation_shift | reserved_bit;
        // release: edge bind -> charge. relaxed on failure: somebody else has done it.
        bits_.compare_exchange_strong(seen, generation << generation_shift | 1,
                                      memory_order_release, memory_order_relaxed);
    }

    /// Only the holder of a reservation that was not published: makes the lane nobody's.
    void release(std::uint64_t generation) noexcept {
        set_tag(no_user);
        // release: edge bind -> charge; the tag is nobody's.
        bits_.store(generation << generation_shift, memory_order_release);
    }

private:
    static constexpr std::uint64_t watched_bit = std::uint64_t{1} << 22;
    static constexpr std::uint64_t reserved_bit = std::uint64_t{1} << 23;
    static constexpr unsigned owed_shift = 24;
    static constexpr std::uint64_t owed_one = std::uint64_t{1} << owed_shift;
    static constexpr unsigned generation_shift = 34;
    static constexpr std::uint64_t last_generation = ~std::uint64_t{0} >> generation_shift;

    atomic<std::uint64_t> bits_{0};
    atomic<user_tag> tag_{no_user};
};

}  // namespace admit::core
