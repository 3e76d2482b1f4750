// SPDX-License-Identifier: BSL-1.0
// Cells, in which an engine keeps the waiters and supervisors it may have to wake, and the pool of
// one kind of cell. waiting_room.hpp and lifecycle/supervision.hpp each have a pool. Cells are
// type-stable like slots: an outdated handle finds another generation.
#pragma once

#include <admit/detail/waiter_base.hpp>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "base/get_or_install.hpp"
#include "base/index_stack.hpp"
#include "base/sizes.hpp"
#include "waiting/wait_word.hpp"

namespace admit::core {

/// Names a cell and the generation of the waiter in it; the default names none.
struct cell_handle {
    std::uint32_t cell = index_stack::none;
    std::uint64_t generation = 0;

    explicit operator bool() const noexcept { return cell != index_stack::none; }
};

/// What every cell has.
struct cell {
    wait_word word;
    index_stack::link next{index_stack::none};  ///< among the free cells, or the arrivals
    std::uint32_t number = 0;                   ///< the cell's number in its pool
    // Atomic, because a thread also reads them before it knows which waiter is in the cell.
    atomic<waiter_base*> waiter{nullptr};
    atomic<const void*> context{nullptr};  ///< the execution context that destroys the waiter

    /// The waiter in the cell, for a thread that has claimed it or is about to take it.
    waiter_base* occupant() const noexcept {
        // relaxed: the caller's change of the word acquires it, or shows that it went before.
        return waiter.load(memory_order_relaxed);
    }

    /// From now on the waiter can be woken, and be withdrawn by the handle.
    cell_handle arm() noexcept { return {.cell = number, .generation = word.arm()}; }
};

/// All cells of one kind, in blocks that are made as a whole. Grows, never shrinks; lock-free but
/// for the allocator.
template <class Cell, class Block = std::vector<Cell>>
class cell_pool {
public:
    /// The links of a stack of cells.
    template <auto Link = &cell::next>
    struct links {
        const cell_pool& cells;
        index_stack::link& operator()(std::uint32_t number) const noexcept {
            return cells[number].*Link;
        }
    };

    cell_pool() = default;
    cell_pool(const cell_pool&) = delete;
    cell_pool& operator=(const cell_pool&) = delete;
    ~cell_pool() {
        for (auto& block : blocks_) delete block.load(memory_order_relaxed);  // relaxed: unshared
    }

    Cell& operator[](std::uint32_t number) const noexcept {
        return block_of(number)[find(number).place];
    }

    /// The block that a cell is in.
    Block& block_of(std::uint32_t number) const noexcept {
        // relaxed: the block was installed before any thread learned the number.
        Block* const block = blocks_[find(number).block].load(memory_order_relaxed);
        ADMIT_ASSERT(block != nullptr);
        return *block;
    }

    /// An idle cell for a waiter that goes away with `context`; null if there are `max_cells`
    /// already. Throws `std::bad_alloc`.
    Cell* take(waiter_base& waiter, const void* context) {
        std::uint32_t number = free_.pop(links<>{*this});
        if (number == index_stack::none) number = make();
        if (number == index_stack::none) return nullptr;
        Cell& cell = (*this)[number];
        cell.number = number;
        // relaxed, twice: published by arming.
        cell.waiter.store(&waiter, memory_order_relaxed);
        cell.context.store(context, memory_order_relaxed);
        return &cell;
    }

    /// Gives back a cell; no thread refers to the waiter in it any more.
    void give(Cell& cell) noexcept {
        cell.word.finish();
        free_.push(cell.number, links<>{*this});
    }

    /// Gives back a cell that was never armed.
    void put_back(Cell& cell) noexcept { free_.push(cell.number, links<>{*this}); }

    /// Withdraws and abandons all waiters of a context that is being destroyed. Waits for a thread
    /// that is waking such a waiter: the context may not go before that thread is done.
    template <class Withdraw>
    void abandon(const void* context, Withdraw withdraw) const noexcept {
        for (std::uint32_t number = 0; number < size(); ++number) {
            const cell& each = (*this)[number];
            for (wait_word::snapshot seen = each.word.read();
                 // relaxed: the context read is the waiter's if the withdrawal succeeds.
                 seen.referred() && each.context.load(memory_order_relaxed) == context;
                 seen = each.word.read()) {
                waiter_base* const waiter = withdraw(cell_handle{number, seen.generation()});
                if (waiter != nullptr) waiter->abandon();
            }
        }
    }

    /// How many cells were ever made.
    std::uint32_t size() const noexcept {
        // acquire: edge install -> use.
        return size_.load(memory_order_acquire);
    }

    static constexpr unsigned blocks = 17;
    static constexpr std::uint32_t max_cells = first_cells * ((1U << blocks) - 1);
    static_assert(max_cells < index_stack::none);

private:
    struct position {
        unsigned block;
        std::uint32_t place;
    };

    /// Block b holds `first_cells` * 2^b cells.
    static position find(std::uint32_t number) noexcept {
        ADMIT_ASSERT(number < max_cells);
        const auto block = static_cast<unsigned>(std::bit_width(number / first_cells + 1)) - 1;
        return {block, number - first_cells * ((1U << block) - 1)};
    }

    std::uint32_t make() {
        std::uint32_t number = size();
        do {
            if (number == max_cells) return index_stack::none;
            const unsigned block = find(number).block;
            get_or_install(blocks_[block], [block] {
                return std::make_unique<Block>(std::size_t{first_cells} << block);
            });
            // acq_rel: edge install -> use; acquire on failure, for the next block.
        } while (!size_.compare_exchange_weak(number, number + 1, memory_order_acq_rel,
                                              memory_order_acquire));
        return number;
    }

    std::array<atomic<Block*>, blocks> blocks_{};
    atomic<std::uint32_t> size_{0};
    index_stack free_;
};

}  // namespace admit::core
