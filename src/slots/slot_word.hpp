// The slots of one word, two bits each. A set free bit *is* the permission to start a conversation
// in that slot: there is no second counter that could disagree with it.
//
//     free retired
//      0      0     taken: somebody holds the slot
//      1      0     free
//      0      1     out of circulation: beyond the limit, or paid when it was lowered
//      1      1     free when the engine went, or given back after it had gone
//
// The holder of a taken slot keeps the engine's memory from being reused: when the engine goes, it
// retires the slots under their holders, and each of them finds that out by the very operation
// with which it lets go.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"
#include "base/sizes.hpp"

namespace admit::core {

using slot_mask = std::uint32_t;
inline constexpr slot_mask every_slot =
    static_cast<slot_mask>((std::uint64_t{1} << slots_per_word) - 1);

class slot_word {
public:
    /// What the holder of a slot has to do after it let go.
    enum class duty {
        check_gate,    ///< the usual case: others may have to hear of it
        unpin_engine,  ///< the engine has gone, and counts on hearing of the last slot
    };

    slot_mask free() const noexcept {
        // seq_cst: edges give <-> gate and give <-> summary, the second look of a proposer; edge
        // give <-> capacity, the look of who lowers.
        return usable(bits_.load(memory_order_seq_cst));
    }

    slot_mask taken() const noexcept {
        // relaxed: a sweep asks the conversation's word for the rest.
        const std::uint64_t seen = bits_.load(memory_order_relaxed);
        return every_slot & ~(free_of(seen) | disabled_of(seen));
    }

    /// Whether nobody holds one of the slots.
    bool none_taken() const noexcept {
        // seq_cst: edge give <-> gate: who has closed the gate and finds a slot held is told of its
        // end by who gives it back.
        const std::uint64_t seen = bits_.load(memory_order_seq_cst);
        return (free_of(seen) | disabled_of(seen)) == every_slot;
    }

    /// Takes a free slot: its bit, or 0 if there is none. Says when another thread was at the word
    /// at the same time.
    slot_mask take_any(bool& contended) noexcept {
        // relaxed: the bits are only judged by the compare-and-swap.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        while (const slot_mask free = usable(seen)) {
            const slot_mask lowest = free & (~free + 1);  // low slots first: their lines are warm
            // acquire: edge give -> take; what the last holder did in the slot is done.
            if (bits_.compare_exchange_weak(seen, seen & ~as_free(lowest), memory_order_acquire,
                                            memory_order_relaxed))
                return lowest;
            contended = true;
        }
        return 0;
    }

    /// Takes this very slot if it is free.
    bool take(slot_mask slot) noexcept {
        // relaxed: as in `take_any`.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        while ((usable(seen) & slot) != 0) {
            // acquire: edge give -> take.
            if (bits_.compare_exchange_weak(seen, seen & ~as_free(slot), memory_order_acquire,
                                            memory_order_relaxed))
                return true;
        }
        return false;
    }

    /// The holder makes its slot free.
    duty give(slot_mask slot) noexcept {
        // seq_cst: edges give <-> gate, give <-> capacity and give <-> summary, the giver's end; as
        // a release also edge give -> take, and edge unpin -> reuse. An addition, since the bit is
        // known to be clear: one instruction where fetch_or is a loop.
        return duty_after(bits_.fetch_add(as_free(slot), memory_order_seq_cst), slot);
    }

    /// The holder takes its slot out of circulation.
    duty disable(slot_mask slot) noexcept {
        // seq_cst: edge give <-> gate, for who has closed it; as a release edge give -> take, by
        // way of `circulate`, and edge unpin -> reuse.
        return duty_after(bits_.fetch_or(as_disabled(slot), memory_order_seq_cst), slot);
    }

    /// Puts a retired slot into circulation, free: its bit, or 0 if there is none.
    slot_mask enable() noexcept {
        // relaxed: as in `take_any`.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        while (const slot_mask disabled = disabled_of(seen) & ~free_of(seen)) {
            const slot_mask lowest = disabled & (~disabled + 1);
            const std::uint64_t wanted = (seen & ~as_disabled(lowest)) | as_free(lowest);
            // seq_cst: this is a give; see there. acquire, in it: the slot's last holder is done.
            if (bits_.compare_exchange_weak(seen, wanted, memory_order_seq_cst,
                                            memory_order_relaxed))
                return lowest;
        }
        return 0;
    }

    /// The engine goes away: retires every slot. Returns those that are held, whose holders settle.
    slot_mask disable_all() noexcept {
        // acq_rel: edge give -> take for slots that are free, edge unpin -> reuse for the others.
        const std::uint64_t seen = bits_.fetch_or(as_disabled(every_slot), memory_order_acq_rel);
        return every_slot & ~(free_of(seen) | disabled_of(seen));
    }

    /// Retires every slot, when nobody holds one.
    void reset() noexcept {
        // relaxed: the memory is passed on as a whole.
        bits_.store(as_disabled(every_slot), memory_order_relaxed);
    }

private:
    static constexpr std::uint64_t as_free(slot_mask slots) noexcept { return slots; }
    static constexpr std::uint64_t as_disabled(slot_mask slots) noexcept {
        return std::uint64_t{slots} << 32;
    }
    static constexpr slot_mask free_of(std::uint64_t bits) noexcept {
        return static_cast<slot_mask>(bits);
    }
    static constexpr slot_mask disabled_of(std::uint64_t bits) noexcept {
        return static_cast<slot_mask>(bits >> 32);
    }
    /// Who serves the waiters may still do so when the engine has gone. A slot that was free then
    /// has no holder on whom the engine counts: nobody becomes one.
    static constexpr slot_mask usable(std::uint64_t bits) noexcept {
        return free_of(bits) & ~disabled_of(bits);
    }
    static duty duty_after(std::uint64_t before, slot_mask slot) noexcept {
        return (disabled_of(before) & slot) != 0 ? duty::unpin_engine : duty::check_gate;
    }

    atomic<std::uint64_t> bits_{as_disabled(every_slot)};
};

}  // namespace admit::core
