#pragma once

#include <atomic>
#include <cstdint>

#include "checker/memory.hpp"
#include "checker/operation.hpp"
#include "checker/outside.hpp"

namespace admit::model::access {

// What atomic<T> and plain<T> call: the running execution's memory, after offering a switch.
// While no execution runs, objects are just memory and these do nothing.

/// Whether an execution runs, so that the functions below may be called.
bool modelled();

void construct_atomic(const void* address, std::uint64_t value);
void destroy_atomic(const void* address);
std::uint64_t load(object at, std::memory_order order);
void store(object at, std::uint64_t value, std::memory_order order);
std::uint64_t modify(object at, operation_kind kind, modify_function function,
                     std::uint64_t operand, std::memory_order order);
bool compare_exchange(object at, operation_kind kind, std::uint64_t& expected,
                      std::uint64_t desired, exchange_orders orders);

void construct_plain(const void* address);
void destroy_plain(const void* address);
void read_plain(const void* address);
void write_plain(const void* address);

}  // namespace admit::model::access
