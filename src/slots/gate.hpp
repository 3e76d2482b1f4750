// The gate: one read-mostly word that every admission looks at first. It says whether the engine is
// full or closed, and how high the summary over the free slots is.
//
// "Full" is never a guess. It is set in three steps: propose (with a new version), look at all
// slots again, confirm by a compare-and-swap of the proposed word. Whoever gives a slot back looks
// at the gate afterwards and reopens it, be it proposed or confirmed; that makes the confirmation
// of a proposal made before fail. Giving back takes effect when the gate has been seen open.
//
// Edge give <-> gate (all four sequentially consistent): the giver writes the free bit and then
// reads the gate, the proposer writes the gate and then reads the free bits; so one of them sees
// the other. The same word carries `closed`.
//
// The version is new with every proposal, and does not come round: 2^59 proposals of some 40 ns.
#pragma once

#include <cstdint>
#include <optional>

#include "base/atomic.hpp"
#include "base/sizes.hpp"

namespace admit::core {

class gate {
public:
    /// What the gate said at one instant.
    class snapshot {
    public:
        bool open() const noexcept { return (bits_ & (closed_bit | full_mask)) == 0; }
        bool closed() const noexcept { return (bits_ & closed_bit) != 0; }
        bool full() const noexcept { return (bits_ & full_mask) == full_bit; }
        bool room_denied() const noexcept { return (bits_ & full_mask) != 0; }
        unsigned height() const noexcept {
            return static_cast<unsigned>((bits_ & height_mask) >> height_shift);
        }

    private:
        friend class gate;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t bits_;
    };

    snapshot read() const noexcept {
        // seq_cst: edge give <-> gate, the giver's end; and a call that begins after `close`
        // returned sees it.
        return snapshot{bits_.load(memory_order_seq_cst)};
    }

    /// First step to "full". Returns what to confirm, which may be somebody else's proposal.
    snapshot propose_full() noexcept {
        return change([](snapshot seen) -> std::optional<std::uint64_t> {
            if (seen.room_denied()) return std::nullopt;
            return (seen.bits_ + version_one) | proposed_bit;
        });
    }

    /// Last step to "full", after all slots were seen taken since `proposal` was read.
    bool confirm_full(snapshot proposal) noexcept {
        std::uint64_t seen = proposal.bits_;
        const std::uint64_t full = (seen & ~full_mask) | full_bit;
        // seq_cst: edge give <-> gate. relaxed on failure: nothing is read afterwards.
        return bits_.compare_exchange_strong(seen, full, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// There is room again.
    void reopen() noexcept {
        change([](snapshot seen) -> std::optional<std::uint64_t> {
            if (!seen.room_denied()) return std::nullopt;
            return seen.bits_ & ~full_mask;
        });
    }

    void close() noexcept {
        // seq_cst: no call that begins after this misses it.
        bits_.fetch_or(closed_bit, memory_order_seq_cst);
    }

    /// The summary got higher; its new levels show everything as perhaps free.
    void raise_summary(unsigned height) noexcept {
        change([=](snapshot seen) -> std::optional<std::uint64_t> {
            if (seen.height() >= height) return std::nullopt;
            return (seen.bits_ & ~height_mask) | std::uint64_t{height} << height_shift;
        });
    }

    /// Back to open, for a new engine in this memory. The version stays.
    void reset() noexcept { bits_.fetch_and(~(closed_bit | full_mask), memory_order_seq_cst); }

private:
    static constexpr std::uint64_t closed_bit = 1;
    static constexpr std::uint64_t proposed_bit = 2;
    static constexpr std::uint64_t full_bit = 4;
    static constexpr std::uint64_t full_mask = proposed_bit | full_bit;
    static constexpr unsigned height_shift = 3;
    static constexpr std::uint64_t height_mask = std::uint64_t{3} << height_shift;
    static constexpr std::uint64_t version_one = std::uint64_t{1} << 5;

    /// Replaces the word by what `next` makes of it, until that succeeds or `next` leaves it
    /// alone; returns the word as it then is.
    template <class Next>
    snapshot change(Next next) noexcept {
        snapshot seen = read();
        while (const std::optional<std::uint64_t> wanted = next(seen)) {
            // seq_cst: edge give <-> gate, both ends; on failure the value is judged like a read.
            if (bits_.compare_exchange_weak(seen.bits_, *wanted, memory_order_seq_cst,
                                            memory_order_seq_cst))
                return snapshot{*wanted};
        }
        return seen;
    }

    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
