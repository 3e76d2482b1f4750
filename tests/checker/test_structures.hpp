// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>

#include "checker/atomic.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

// Structures with known properties, for test_lock_freedom.cpp and test_random_search.cpp.

namespace admit::model {

inline constexpr std::uint32_t no_node = 0;

/// Treiber's stack of node numbers. A versioned head counts its changes, so that a head with a node
/// that was popped and pushed again is another state.
template <bool Versioned>
class stack {
public:
    void push(std::uint32_t node) {
        std::uint64_t head = head_.load(relaxed);
        do {
            next_[node].store(node_of(head), relaxed);
        } while (!head_.compare_exchange_weak(head, successor(head, node), release, relaxed));
    }

    std::uint32_t pop() {
        std::uint64_t head = head_.load(acquire);
        while (node_of(head) != no_node) {
            const std::uint32_t next = next_[node_of(head)].load(relaxed);
            if (head_.compare_exchange_weak(head, successor(head, next), acquire, acquire)) {
                break;
            }
        }
        return node_of(head);
    }

private:
    static std::uint32_t node_of(std::uint64_t head) { return static_cast<std::uint32_t>(head); }
    static std::uint64_t successor(std::uint64_t head, std::uint32_t node) {
        const std::uint64_t version = Versioned ? (head >> 32U) + 1 : 0;
        return version << 32U | node;
    }

    atomic<std::uint64_t> head_{no_node};
    std::array<atomic<std::uint32_t>, 4> next_;
};

/// One thread pops a node. Another thread pops two nodes and pushes the first of them back.
template <bool Versioned>
void pop_against_recycling() {
    stack<Versioned> nodes;
    for (const std::uint32_t node : {3U, 2U, 1U}) {
        nodes.push(node);
    }
    std::array<int, 4> owned{};
    run({[&] { ++owned[nodes.pop()]; },
         [&] {
             const std::uint32_t first = nodes.pop();
             const std::uint32_t second = nodes.pop();
             ++owned[second];
             if (first != no_node) {
                 nodes.push(first);
             }
         }});
    for (std::uint32_t node = nodes.pop(); node != no_node; node = nodes.pop()) {
        ++owned[node];
    }
    check(owned[1] <= 1 && owned[2] <= 1 && owned[3] <= 1, "no node has two owners");
}

/// A queue with a ticket lock: an enqueuer waits for those with earlier tickets.
class ticket_queue {
public:
    void enqueue(int value) {
        const int ticket = next_.fetch_add(1, relaxed);
        while (serving_.load(acquire) != ticket) {
        }
        items_[static_cast<std::size_t>(size_.get())].set(value);
        size_.set(size_.get() + 1);
        serving_.store(ticket + 1, release);
    }

    [[nodiscard]] int size() const { return size_.get(); }

private:
    atomic<int> next_{0};
    atomic<int> serving_{0};
    std::array<plain<int>, 4> items_;
    plain<int> size_{0};
};

/// A counter behind a spin lock. The thread that spins writes in each attempt.
class locked_counter {
public:
    void increment() {
        while (locked_.exchange(true, acquire)) {
        }
        count_.set(count_.get() + 1);
        locked_.store(false, release);
    }

    [[nodiscard]] int count() const { return count_.get(); }

private:
    atomic<bool> locked_{false};
    plain<int> count_{0};
};

}  // namespace admit::model
