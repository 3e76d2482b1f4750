// SPDX-License-Identifier: BSL-1.0
// The slots of one word, two bits each. A set free bit *is* the permission to start a conversation
// in that slot; no second counter could disagree with it. slot_pool.hpp and free_search.hpp use it.
//
//     free disabled
//      0      0      taken: a conversation, or a thread, holds the slot
//      1      0      free
//      0      1      disabled: the slot is above the limit, or its engine has gone
//      1      1      free when the engine went, or given back after that
//
// The holder of a taken slot pins the engine's memory. When the engine goes it disables all slots,
// and each holder learns that from the operation by which it gives its slot back or disables it.
#pragma once

#include "base/sizes.hpp"
#include "base/update.hpp"

namespace admit::core {

using slot_mask = std::uint32_t;
inline constexpr slot_mask every_slot =
    static_cast<slot_mask>((std::uint64_t{1} << slots_per_word) - 1);

class slot_word {
public:
    /// What the holder of a slot has to do after it gave the slot back or disabled it.
    enum class duty {
        check_gate,    ///< the usual case: the gate may have to be reopened
        unpin_engine,  ///< the engine has gone, and the slot pinned its memory
    };

    slot_mask free() const noexcept {
        // seq_cst: edges give <-> gate and give <-> summary, the second look of a proposer; edge
        // give <-> capacity, the look of a thread that lowers the limit.
        return free_in(bits_.load(memory_order_seq_cst));
    }

    slot_mask taken() const noexcept {
        // relaxed: a sweep asks the conversation's word for the rest.
        return taken_in(bits_.load(memory_order_relaxed));
    }

    /// Whether none of the slots is taken.
    bool none_taken() const noexcept {
        // seq_cst: edge give <-> gate. When a thread has closed the gate and finds a slot taken,
        // the giver of that slot finds the gate closed.
        return taken_in(bits_.load(memory_order_seq_cst)) == 0;
    }

    /// Takes a free slot: its bit, or 0 if there is none. Sets `contended` when another thread
    /// changed the word meanwhile.
    slot_mask take_any(bool& contended) noexcept {
        // relaxed: the bits are only judged by the compare-and-swap.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        while (const slot_mask free = free_in(seen)) {
            const slot_mask lowest = free & (~free + 1);  // low slots first: their lines are warm
            // acquire: edge give -> take, for what the last holder did in the slot.
            if (bits_.compare_exchange_weak(seen, seen & ~std::uint64_t{lowest},
                                            memory_order_acquire, memory_order_relaxed))
                return lowest;
            contended = true;
        }
        return 0;
    }

    /// Takes this very slot if it is free.
    bool take(slot_mask slot) noexcept {
        // acquire: edge give -> take. relaxed on failure: as in `take_any`.
        return bool{update(
            bits_, memory_order_acquire, memory_order_relaxed,
            [=](std::uint64_t seen) { return seen & ~std::uint64_t{free_in(seen) & slot}; })};
    }

    /// The holder makes its slot free.
    duty give(slot_mask slot) noexcept {
        // seq_cst: edges give <-> gate, give <-> capacity and give <-> summary, the giver's side;
        // as a release also edge give -> take, and edge unpin -> reuse. An addition, since the bit
        // is known to be clear: one instruction where fetch_or is a loop.
        return duty_after(bits_.fetch_add(slot, memory_order_seq_cst), slot);
    }

    /// The holder disables its slot.
    duty disable(slot_mask slot) noexcept {
        // seq_cst: edge give <-> gate, for a thread that has closed the gate; as a release edge
        // give -> take, by way of `enable`, and edge unpin -> reuse.
        return duty_after(bits_.fetch_or(as_disabled(slot), memory_order_seq_cst), slot);
    }

    /// Enables a disabled slot, which is free then: its bit, or 0 if there is none.
    slot_mask enable() noexcept {
        // seq_cst: as in `give`; as an acquire edge give -> take, for what the last holder did.
        // relaxed on failure: as in `take_any`.
        const auto change =
            update(bits_, memory_order_seq_cst, memory_order_relaxed, [](std::uint64_t seen) {
                const slot_mask disabled = disabled_in(seen) & ~static_cast<slot_mask>(seen);
                const slot_mask lowest = disabled & (~disabled + 1);
                return (seen & ~as_disabled(lowest)) | lowest;
            });
        return static_cast<slot_mask>(change.before ^ change.after);
    }

    /// The engine goes away: disables every slot. Returns the taken ones; their holders unpin the
    /// memory later.
    slot_mask disable_all() noexcept {
        // acq_rel: edge give -> take for slots that are free, edge unpin -> reuse for the others.
        const std::uint64_t seen = bits_.fetch_or(as_disabled(every_slot), memory_order_acq_rel);
        return taken_in(seen);
    }

    /// Disables every slot, when none is taken.
    void reset() noexcept {
        // relaxed: the memory is passed on as a whole.
        bits_.store(as_disabled(every_slot), memory_order_relaxed);
    }

private:
    static constexpr std::uint64_t as_disabled(slot_mask slots) noexcept {
        return std::uint64_t{slots} << 32;
    }
    static constexpr slot_mask disabled_in(std::uint64_t bits) noexcept {
        return static_cast<slot_mask>(bits >> 32);
    }
    /// Without slots that are disabled as well: the combiner may still serve waiters after the
    /// engine has gone, but the engine counts on no new holder.
    static constexpr slot_mask free_in(std::uint64_t bits) noexcept {
        return static_cast<slot_mask>(bits) & ~disabled_in(bits);
    }
    static constexpr slot_mask taken_in(std::uint64_t bits) noexcept {
        return every_slot & ~(static_cast<slot_mask>(bits) | disabled_in(bits));
    }
    static duty duty_after(std::uint64_t before, slot_mask slot) noexcept {
        ADMIT_ASSERT((before & slot) == 0);  // the slot was not free
        return (disabled_in(before) & slot) != 0 ? duty::unpin_engine : duty::check_gate;
    }

    // Bits 0-31: slot n is free. Bits 32-63: slot n is disabled. The head says what both mean.
    atomic<std::uint64_t> bits_{as_disabled(every_slot)};
};

}  // namespace admit::core
