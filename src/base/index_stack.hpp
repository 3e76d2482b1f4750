// A stack of numbered things of which one may be on it, with the links kept beside the things.
//
// R. K. Treiber, "Systems programming: coping with parallelism", IBM RJ 5118, 1986. Against A-B-A
// the head carries a version that is new with every change (40 bits: with 20 ns for a change, six
// hours of one thread's suspension in `pop`).
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

class index_stack {
public:
    using link = atomic<std::uint32_t>;

    /// No thing; numbers are smaller.
    static constexpr std::uint32_t none = (std::uint32_t{1} << 24) - 1;

    /// Puts a thing on top, of which the caller is the owner. `links(n)` is the link of thing n.
    /// Lock-free.
    template <class Links>
    void push(std::uint32_t thing, Links links) noexcept {
        // relaxed: the compare-and-swap decides.
        std::uint64_t seen = head_.load(memory_order_relaxed);
        do {
            // relaxed: published by the compare-and-swap.
            links(thing).store(top_of(seen), memory_order_relaxed);
            // release: edge push -> pop; what the owner did to the thing is done.
        } while (!head_.compare_exchange_weak(seen, with_top(seen, thing), memory_order_release,
                                              memory_order_relaxed));
    }

    /// Takes the thing on top, or `none`. Lock-free.
    template <class Links>
    std::uint32_t pop(Links links) noexcept {
        // acquire: edge push -> pop, for the link.
        std::uint64_t seen = head_.load(memory_order_acquire);
        while (top_of(seen) != none) {
            // relaxed: if the thing has been taken and put back meanwhile, the version is another.
            const std::uint32_t below = links(top_of(seen)).load(memory_order_relaxed);
            // acquire on failure: edge push -> pop, for the next link. Success would need none, for
            // that head was acquired, by its version; but g++ 12 does not take it weaker.
            if (head_.compare_exchange_weak(seen, with_top(seen, below), memory_order_acquire,
                                            memory_order_acquire))
                break;
        }
        return top_of(seen);
    }

    /// Takes all things: the one on top, with the others linked to it. Lock-free.
    std::uint32_t take_all() noexcept {
        // relaxed: an empty stack is left alone; who pushes asks for another look (edge combiner).
        std::uint64_t seen = head_.load(memory_order_relaxed);
        while (top_of(seen) != none) {
            // acquire: edge push -> pop.
            if (head_.compare_exchange_weak(seen, with_top(seen, none), memory_order_acquire,
                                            memory_order_relaxed))
                break;
        }
        return top_of(seen);
    }

    /// What was pushed before `thing`, of things that were taken together.
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

    atomic<std::uint64_t> head_{none};
};

}  // namespace admit::core
