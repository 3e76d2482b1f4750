#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "checker/vector_clock.hpp"

namespace admit::model {

enum class operation_kind : std::uint8_t {
    load,
    store,
    exchange,
    fetch_add,
    fetch_sub,
    fetch_and,
    fetch_or,
    fetch_xor,
    compare_exchange_weak,
    compare_exchange_strong,
    park,
    park_until,
    unpark,
    join,
    yield,
    read_clock,
    advance_clock,
    cancel,
    cancellation_point,
    // The rest never offers a switch: vector clocks judge it the same in any order.
    plain_read,
    plain_write,
    plain_destroy,
    construct,
    destroy,
    spawn,
    finish,
    suspend,
    resume,
    choice,
    label,
};

/// What a thread is about to do: everything the scheduler may know of it.
struct operation {
    operation_kind kind = operation_kind::yield;
    std::uint32_t location = 0;
    bool writes = false;
    bool sequential = false;
};

std::string_view to_string(operation_kind kind);
std::string_view to_string(std::memory_order order);

inline bool is_memory_operation(const operation& op) {
    return op.kind <= operation_kind::compare_exchange_strong;
}

/// Where a thread gives the processor away by itself, so that switching there is no preemption.
/// It does not matter whether the operation would block at this moment: the cost of a schedule
/// must not depend on that (see "Reduction" in README.md).
inline bool is_blocking(const operation& op) {
    return op.kind == operation_kind::park || op.kind == operation_kind::park_until ||
           op.kind == operation_kind::join;
}

/// Whether the order of the two can be observed. Two loads commute unless both are seq_cst: the
/// first then limits what the second may read (memory.cpp).
inline bool dependent(const operation& a, const operation& b) {
    if (!is_memory_operation(a) || !is_memory_operation(b)) {
        return true;
    }
    return a.location == b.location && (a.writes || b.writes || (a.sequential && b.sequential));
}

}  // namespace admit::model
