// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

#include "checker/memory.hpp"
#include "checker/operation.hpp"
#include "checker/persistent_objects.hpp"

namespace admit::model::access {

// Called by atomic<T> and plain<T>: the memory of the running execution, behind a scheduling point
// for operations on atomics. While no execution runs, constructors and destructors register
// persistent objects.

/// Whether an execution runs. Operations on atomics may be called only then.
bool modelled();

void construct_atomic(const void* address, std::uint64_t value);
void destroy_atomic(const void* address);
std::uint64_t load(object target, std::memory_order order);
void store(object target, std::uint64_t value, std::memory_order order);
std::uint64_t modify(object target, operation_kind kind, modify_function function,
                     std::uint64_t operand, std::memory_order order);
bool compare_exchange(object target, operation_kind kind, std::uint64_t& expected,
                      std::uint64_t desired, exchange_orders orders);

void construct_plain(const void* address);
void destroy_plain(const void* address);
void read_plain(const void* address);
void write_plain(const void* address);

}  // namespace admit::model::access
