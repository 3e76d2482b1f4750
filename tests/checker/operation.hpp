// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

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
    // The kinds below are no scheduling points: vector clocks judge them the same in any order.
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

/// What a thread is about to do, as far as the scheduler needs it.
struct operation {
    operation_kind kind = operation_kind::yield;
    std::uint32_t location = 0;
    bool writes = false;
    bool sequential = false;
};

std::string_view to_string(operation_kind kind);
std::string_view to_string(std::memory_order order);

inline bool is_memory_operation(operation_kind kind) {
    return kind <= operation_kind::compare_exchange_strong;
}

inline bool is_scheduling_point(operation_kind kind) {
    return kind <= operation_kind::cancellation_point;
}

/// A switch before such an operation is no preemption. Whether the operation would block at this
/// moment does not matter: the cost of a schedule must not depend on it (design.md#reduction).
inline bool is_blocking(operation_kind kind) {
    return kind == operation_kind::park || kind == operation_kind::park_until ||
           kind == operation_kind::join;
}

/// Whether the order of the two can be observed. Two loads commute unless both are seq_cst: the
/// first of them then limits what the second may read (location::oldest_readable).
inline bool dependent(const operation& a, const operation& b) {
    if (!is_memory_operation(a.kind) || !is_memory_operation(b.kind)) {
        return true;
    }
    return a.location == b.location && (a.writes || b.writes || (a.sequential && b.sequential));
}

}  // namespace admit::model
