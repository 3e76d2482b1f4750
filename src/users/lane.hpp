// SPDX-License-Identifier: BSL-1.0
// A lane counts the conversations of one user, and the requests that wait. user_table.hpp makes its
// buckets of lanes. docs/design.md#users explains the binding.
//
//     bound(generation, count)  --reserve, if the count is 0-->  reserved(generation + 1, first)
//     reserved(generation, 1)   --bind-->                        bound(generation, 1)
//     reserved(generation, 1)   --release-->                     bound(generation, 0), to no user
//
// A lane is bound to a user by its tag, which only the holder of the reservation writes. A
// generation of a lane is reserved once. It wraps after 2^30 bindings: with 100 ns for each, a
// thread would have to stay suspended for 107 seconds. So a compare-and-swap of a bound word
// succeeds only if the tag is that of its generation.
//
// A lane also counts the requests of its user that wait, so that no later call of the user is
// charged past them. A request counts as waiting from its first instant, and never as a
// conversation: it would block the requests of its user that came before. Beyond `max_mirrored` the
// number here stays; the waiting room has the exact number. An ending on a lane with waiting
// requests hands its slot over to them.
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
    /// No limit on the conversations of a user.
    static constexpr std::uint32_t no_limit = ~std::uint32_t{0};
    static constexpr std::uint32_t max_active = (std::uint32_t{1} << 21) - 1;

    /// What a charge counts.
    enum class counted : std::uint64_t {
        conversation = 1,
        request = std::uint64_t{1} << 21,  ///< that waits
    };

    class snapshot {
    public:
        /// Conversations, with attempts under way.
        std::uint32_t active() const noexcept {
            return static_cast<std::uint32_t>(bits_) & max_active;
        }
        /// Requests that wait, up to `max_mirrored`.
        std::uint32_t waiting() const noexcept {
            return static_cast<std::uint32_t>(bits_ >> waiting_shift) & max_waiting;
        }
        /// All that counts against the user's limit.
        std::uint32_t count() const noexcept { return active() + waiting(); }
        bool reserved() const noexcept { return (bits_ & reserved_bit) != 0; }
        std::uint64_t generation() const noexcept { return bits_ >> generation_shift; }

        snapshot() noexcept = default;  // counts nothing

    private:
        friend class lane;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t bits_ = 0;
    };

    /// The result of an attempt to count one more.
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

    /// Counts one more of the user, unless there are `limit` already, requests that wait included.
    /// `before`, if given, becomes the lane without this one. Lock-free.
    charged charge(user_tag user, std::uint32_t limit, counted what = counted::conversation,
                   snapshot* before = nullptr) noexcept {
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
            if (before != nullptr) *before = seen;
            // release, for a request: edge wait -> discharge. acquire on failure: edge bind ->
            // charge. Success would need no acquire, for a count guards no data; but g++ 12 does
            // not take it weaker than failure.
            if (bits_.compare_exchange_weak(seen.bits_, seen.bits_ + one(what),
                                            memory_order_acq_rel, memory_order_acquire))
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

    /// Counts one conversation or attempt less. The lane is bound to the caller's user, because it
    /// counts at least one. Returns the lane as it was: requests that wait may have room now.
    snapshot discharge() noexcept {
        // acquire: edge wait -> discharge, for the waiting room that the caller looks for. The
        // count guards no data; edge give -> take orders it before the next taking of the slot.
        // The charge of a request changes the same word, so either this finds the request or the
        // request finds the lower count.
        const snapshot before{bits_.fetch_sub(1, memory_order_acquire)};
        ADMIT_ASSERT(!before.reserved() && before.active() > 0);
        return before;
    }

    // --- requests that wait: they keep the lane bound ------------------------------------------

    /// A request has ceased to wait, or does not count here.
    void end_waiting() noexcept {
        // relaxed: a count guards no data.
        [[maybe_unused]] const snapshot before{
            bits_.fetch_sub(one(counted::request), memory_order_relaxed)};
        ADMIT_ASSERT(!before.reserved() && before.waiting() > 0);
    }

    /// Counts the conversation of a request that still waits, unless there are `limit` already.
    bool charge_waiting(std::uint32_t limit) noexcept {
        // relaxed, also on failure: as in `end_waiting`.
        return bool{update(bits_, memory_order_relaxed, memory_order_relaxed, [=](auto seen) {
            return seen + (snapshot{seen}.active() < limit ? 1 : 0);
        })};
    }

    // --- binding ----------------------------------------------------------------------------

    /// Takes the lane from its user if it counts nothing; the next user's first count is `first`.
    /// True if the caller now holds the reservation, of this generation.
    bool reserve(std::uint64_t& generation, counted first = counted::conversation) noexcept {
        // relaxed: only the compare-and-swap decides.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        if (snapshot{seen}.count() != 0) return false;  // a reserved lane counts its first
        generation = ((seen >> generation_shift) + 1) & last_generation;
        if (generation == 0) generation = 1;  // 0 stands for no binding, see home_word
        // acquire: edge bind -> charge; the next tag is written after the last one was bound.
        return bits_.compare_exchange_strong(
            seen, generation << generation_shift | reserved_bit | one(first), memory_order_acquire,
            memory_order_relaxed);
    }

    /// Names the user to be bound. Only for the holder of the reservation.
    void set_tag(user_tag user) noexcept {
        // release: edge tag -> charge.
        tag_.store(user, memory_order_release);
    }

    /// Binds a lane with a published reservation, as read. Every thread may; all calls but the
    /// first do nothing.
    void bind(snapshot seen) noexcept {
        ADMIT_ASSERT(seen.reserved() && seen.count() == 1);
        // release: edge bind -> charge. relaxed on failure: another thread has bound it.
        bits_.compare_exchange_strong(seen.bits_, seen.bits_ - reserved_bit, memory_order_release,
                                      memory_order_relaxed);
    }

    /// Binds the lane to no user. Only for the holder of a reservation that was not published.
    void release(std::uint64_t generation) noexcept {
        ADMIT_ASSERT(generation != 0 && generation <= last_generation);
        set_tag(no_user);
        // release: edge bind -> charge; the tag is no user's.
        bits_.store(generation << generation_shift, memory_order_release);
    }

private:
    static constexpr std::uint64_t one(counted what) noexcept {
        return static_cast<std::uint64_t>(what);
    }

    static constexpr unsigned waiting_shift = 21;
    static constexpr std::uint32_t max_waiting = (std::uint32_t{1} << 12) - 1;
    static constexpr std::uint64_t reserved_bit = std::uint64_t{1} << 33;
    static constexpr unsigned generation_shift = 34;
    static constexpr std::uint64_t last_generation = ~std::uint64_t{0} >> generation_shift;
    static_assert(max_mirrored + spare_lanes <= max_waiting);

    // Bits 0-20: active. Bits 21-32: waiting. Bit 33: reserved. Bits 34-63: the generation of the
    // binding.
    atomic<std::uint64_t> bits_{0};
    atomic<user_tag> tag_{no_user};
};

}  // namespace admit::core
