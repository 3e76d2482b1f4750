// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "checker/vector_clock.hpp"

namespace admit::model {

/// One store in the modification order of a location.
struct store_record {
    std::uint64_t value = 0;
    /// What an acquire load of this store learns: the clocks of the release operations that head
    /// its release sequences. Empty for a relaxed store that belongs to none.
    vector_clock released;
    thread_id writer = 0;
};

/// One atomic object: its stores, and for each thread the stores that it may still read.
/// Used by `memory`. The rules are those of [intro.races] and [atomics.order].
class location {
public:
    /// Makes this the location of a new object; the object before it is forgotten.
    void construct(const void* address, std::uint64_t value, thread_id creator, epoch created);
    /// Fails the execution if a use by another thread does not happen before the destruction.
    void destroy(thread_view thread);
    /// Begins an access; fails the execution if the object is not alive for `thread`.
    void begin_access(thread_view thread);

    /// Number of the oldest store that a load of `thread` may read.
    [[nodiscard]] std::uint32_t oldest_readable(thread_view thread, std::memory_order order) const;
    /// `thread` reads the store; true if the store is new to it.
    bool read(thread_view thread, std::uint32_t store, std::memory_order order);
    /// `thread` appends a store. `continued`: what the store before it released, if the new store
    /// belongs to its release sequence. That is so for a read-modify-write of any order, and for
    /// no other operation. True if the value changes.
    bool append(thread_view thread, std::uint64_t value, std::memory_order order,
                const vector_clock* continued);

    [[nodiscard]] std::uint32_t latest() const {
        return static_cast<std::uint32_t>(history_.size() - 1);
    }
    [[nodiscard]] const store_record& store(std::uint32_t number) const;

    [[nodiscard]] const char* name() const { return name_; }
    void set_name(const char* text) { name_ = text; }
    [[nodiscard]] const void* address() const { return address_; }

private:
    /// `thread` at its epoch `when` read or wrote the store `store`.
    struct observation {
        thread_id thread;
        epoch when;
        std::uint32_t store;
    };

    bool observe(thread_view thread, std::uint32_t store);

    const void* address_ = nullptr;
    const char* name_ = nullptr;
    bool alive_ = false;
    thread_id creator_ = 0;
    epoch created_ = 0;
    /// The modification order, which is the order of execution.
    std::vector<store_record> history_;
    std::vector<observation> observations_;
    std::array<std::uint32_t, max_threads> newest_observed_{};
    std::array<epoch, max_threads> last_access_{};
    /// A seq_cst load reads no store before this one.
    std::uint32_t sequential_floor_ = 0;
};

}  // namespace admit::model
