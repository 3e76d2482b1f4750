// SPDX-License-Identifier: BSL-1.0
// A stack of numbered things with the links kept beside the things. slot_pool.hpp keeps earmarked
// slots on one, cell_pool.hpp free cells, waiting_room.hpp arrivals and cancellations.
//
// R. K. Treiber, "Systems programming: coping with parallelism", IBM RJ 5118, 1986.
#pragma once

#include "base/update.hpp"

namespace admit::core {

class index_stack {
public:
    using link = atomic<std::uint32_t>;

    /// Stands for no thing; every number is smaller.
    static constexpr std::uint32_t none = (std::uint32_t{1} << 24) - 1;

    /// Puts a thing on top, which the caller owns and which is not on the stack. `links(n)` is the
    /// link of thing n. Lock-free.
    template <class Links>
    void push(std::uint32_t thing, Links links) noexcept {
        ADMIT_ASSERT(thing < none);
        // relaxed: the compare-and-swap decides.
        std::uint64_t seen = head_.load(memory_order_relaxed);
        do {
            ADMIT_ASSERT(top_of(seen) != thing);
            // relaxed: published by the compare-and-swap.
            links(thing).store(top_of(seen), memory_order_relaxed);
            // release: edge push -> pop, for what the owner did to the thing.
        } while (!head_.compare_exchange_weak(seen, with_top(seen, thing), memory_order_release,
                                              memory_order_relaxed));
    }

    /// Takes the thing on top, or `none`. Lock-free.
    template <class Links>
    std::uint32_t pop(Links links) noexcept {
        const auto without_top = [&](std::uint64_t seen) {
            if (top_of(seen) == none) return seen;
            // relaxed: if the thing was popped and pushed meanwhile, the version has changed.
            return with_top(seen, links(top_of(seen)).load(memory_order_relaxed));
        };
        // acquire on failure: edge push -> pop, for the link. Success would need none, for that
        // head was acquired, by its version; but g++ 12 does not take it weaker.
        return top_of(
            update(head_, memory_order_acquire, memory_order_acquire, without_top).before);
    }

    /// Takes all things: the thing on top, with the others linked to it. Lock-free.
    std::uint32_t take_all() noexcept {
        // acquire: edge push -> pop. relaxed on failure: an empty stack is left alone; a thread
        // that pushes asks for another look (edge combiner).
        return top_of(update(head_, memory_order_acquire, memory_order_relaxed, [](auto seen) {
                          return top_of(seen) == none ? seen : with_top(seen, none);
                      }).before);
    }

    /// The thing that was pushed before `thing`, of things that were taken together.
    template <class Links>
    static std::uint32_t next(std::uint32_t thing, Links links) noexcept {
        return links(thing).load(memory_order_relaxed);  // relaxed: acquired by `take_all`
    }

private:
    static constexpr unsigned version_shift = 24;

    static constexpr std::uint32_t top_of(std::uint64_t head) noexcept {
        return static_cast<std::uint32_t>(head) & none;
    }
    static constexpr std::uint64_t with_top(std::uint64_t head, std::uint32_t thing) noexcept {
        return ((head >> version_shift) + 1) << version_shift | thing;
    }

    // Bits 0-23: the number of the thing on top, or `none`. Bits 24-63: a version, new with every
    // change, against A-B-A. With 20 ns for a change it wraps after six hours, within which a
    // thread would have to stay suspended in `pop`.
    atomic<std::uint64_t> head_{none};
};

}  // namespace admit::core
