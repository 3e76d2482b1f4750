// Where the engine keeps one who waits, and the pool of these places. Cells are type-stable like
// slots: whoever still has a ticket for a waiter that is gone finds another generation.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>

#include "admission/admission.hpp"
#include "admission/turns.hpp"
#include "core/activity.hpp"
#include "core/index_stack.hpp"
#include "core/installed.hpp"
#include "core/sizes.hpp"
#include "core/wait_word.hpp"

namespace admit::admission {

class sleeper;

/// Names one stay in a cell; the default names none.
struct ticket {
    std::uint32_t cell = core::index_stack::none;
    std::uint64_t generation = 0;

    explicit operator bool() const noexcept { return cell != core::index_stack::none; }
};

/// What one waits for who comes in: a slot, or the end of a drain. A supervisor, whose stay is
/// beside a conversation, does not come in.
enum class stay : std::uint8_t { for_room, for_rest };

struct waiter_cell : waiter {
    core::wait_word word;
    core::index_stack::link next{core::index_stack::none};          ///< among the free, or entering
    core::index_stack::link next_leaving{core::index_stack::none};  ///< among those that left

    // Written while idle, for whoever then claims or withdraws.
    core::plain<sleeper*> who;
    core::plain<stay> kind;
    core::plain<core::user_tag> user;  ///< the waiter's; it may be gone when this is asked for
    std::uint32_t number = 0;          ///< its own

    // Also read by who does not know yet whether the stay is the one that it looks for.
    core::atomic<const void*> context{nullptr};   ///< what the waiter goes away with
    core::atomic<std::uint64_t> conversation{0};  ///< the generation of the one that is supervised
    core::atomic<std::uint32_t> slot{0};          ///< its slot
    core::atomic<core::nanos> grace{0};           ///< how long it may go on once it was told to end
    core::atomic<core::nanos> told_at{0};
    core::atomic<std::uint64_t> told{0};  ///< in which stay to end, and how; see supervision.cpp

    // Of who serves the waiters.
    bool entered = false;  ///< its coming was seen
    bool left = false;     ///< its going was seen
    bool lent = false;     ///< its line was given away
    admission verdict;     ///< of which the waiter has yet to hear
    line own_line;
};

/// All cells of an engine. Grows, never shrinks; lock-free but for the allocator.
class cell_pool {
public:
    /// Of the stack of free cells, or of those that enter.
    struct links {
        const cell_pool& cells;
        core::index_stack::link& operator()(std::uint32_t number) const noexcept {
            return cells[number].next;
        }
    };
    /// Of the stack of those that leave.
    struct links_leaving {
        const cell_pool& cells;
        core::index_stack::link& operator()(std::uint32_t number) const noexcept {
            return cells[number].next_leaving;
        }
    };

    cell_pool() = default;
    cell_pool(const cell_pool&) = delete;
    cell_pool& operator=(const cell_pool&) = delete;
    ~cell_pool() {
        for (auto& block : blocks_) delete[] block.load(core::memory_order_relaxed);  // single user
    }

    waiter_cell& operator[](std::uint32_t number) const noexcept {
        const auto [block, place] = find(number);
        // relaxed: the block was installed before the number got out.
        return blocks_[block].load(core::memory_order_relaxed)[place];
    }

    /// A cell that is idle; none if there are too many. Throws `std::bad_alloc`.
    waiter_cell* take() {
        std::uint32_t number = free_.pop(links{*this});
        if (number == core::index_stack::none) number = make();
        if (number == core::index_stack::none) return nullptr;
        waiter_cell& cell = (*this)[number];
        cell.number = number;
        return &cell;
    }

    void give(waiter_cell& cell) noexcept { free_.push(cell.number, links{*this}); }

    /// How many were ever made.
    std::uint32_t size() const noexcept {
        // acquire: edge install -> use.
        return size_.load(core::memory_order_acquire);
    }

    static constexpr unsigned blocks = 17;
    static constexpr std::uint32_t most = core::first_cells * ((1U << blocks) - 1);
    static_assert(most < core::index_stack::none);

private:
    struct position {
        unsigned block;
        std::uint32_t place;
    };

    /// Block b holds `first_cells` * 2^b cells.
    static position find(std::uint32_t number) noexcept {
        const auto block =
            static_cast<unsigned>(std::bit_width(number / core::first_cells + 1)) - 1;
        return {block, number - core::first_cells * ((1U << block) - 1)};
    }

    std::uint32_t make() {
        std::uint32_t number = size();
        do {
            if (number == most) return core::index_stack::none;
            const unsigned block = find(number).block;
            core::installed(blocks_[block], [block] {
                return std::make_unique<waiter_cell[]>(core::first_cells << block);
            });
            // acq_rel: edge install -> use; acquire on failure, for the next block.
        } while (!size_.compare_exchange_weak(number, number + 1, core::memory_order_acq_rel,
                                              core::memory_order_acquire));
        return number;
    }

    std::array<core::atomic<waiter_cell*>, blocks> blocks_{};
    core::atomic<std::uint32_t> size_{0};
    core::index_stack free_;
};

}  // namespace admit::admission
