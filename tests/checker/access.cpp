// SPDX-License-Identifier: BSL-1.0
#include "checker/access.hpp"

#include <cassert>

#include "checker/execution.hpp"
#include "checker/failure.hpp"
#include "checker/persistent_objects.hpp"

namespace admit::model::access {

namespace {

constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

/// Offers a switch before an operation on an atomic; returns the index of the atomic.
std::uint32_t schedule(object target, operation_kind kind, bool writes, bool sequential) {
    assert(modelled());
    execution& active = *execution::active();
    const std::uint32_t index = active.shared_memory().locate(active.view(), target, kind);
    active.scheduling_point({kind, index, writes, sequential});
    return index;
}

}  // namespace

bool modelled() { return execution::active() != nullptr; }

void construct_atomic(const void* address, std::uint64_t value) {
    if (modelled()) {
        execution& active = *execution::active();
        active.shared_memory().construct_atomic(active.view(), address, value);
    } else {
        construct_persistent(address, value);
    }
}

void destroy_atomic(const void* address) {
    if (modelled()) {
        execution& active = *execution::active();
        active.shared_memory().destroy_atomic(active.view(), address);
    } else {
        destroy_persistent(address);
    }
}

std::uint64_t load(object target, std::memory_order order) {
    if (order == std::memory_order_release || order == std::memory_order_acq_rel) {
        fail("a load cannot release");
    }
    const auto index = schedule(target, operation_kind::load, false, order == seq_cst);
    execution& active = *execution::active();
    return active.shared_memory().load(active.view(), index, order);
}

void store(object target, std::uint64_t value, std::memory_order order) {
    if (order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
        order == std::memory_order_consume) {
        fail("a store cannot acquire");
    }
    const auto index = schedule(target, operation_kind::store, true, order == seq_cst);
    execution& active = *execution::active();
    active.shared_memory().store(active.view(), index, value, order);
}

std::uint64_t modify(object target, operation_kind kind, modify_function function,
                     std::uint64_t operand, std::memory_order order) {
    const auto index = schedule(target, kind, true, order == seq_cst);
    execution& active = *execution::active();
    return active.shared_memory().modify(active.view(), index, kind, function, operand, order);
}

bool compare_exchange(object target, operation_kind kind, std::uint64_t& expected,
                      std::uint64_t desired, exchange_orders orders) {
    if (orders.failure == std::memory_order_release ||
        orders.failure == std::memory_order_acq_rel) {
        fail("a failing compare_exchange cannot release");
    }
    const bool sequential = orders.success == seq_cst || orders.failure == seq_cst;
    const auto index = schedule(target, kind, true, sequential);
    execution& active = *execution::active();
    return active.shared_memory().compare_exchange(active.view(), index, kind, expected, desired,
                                                   orders);
}

void construct_plain(const void* address) {
    if (modelled()) {
        execution& active = *execution::active();
        active.shared_memory().plains().construct(active.view(), address);
    } else {
        construct_persistent(address, 0);
    }
}

void destroy_plain(const void* address) {
    if (modelled()) {
        execution& active = *execution::active();
        active.shared_memory().plains().destroy(active.view(), address);
    } else {
        destroy_persistent(address);
    }
}

void read_plain(const void* address) {
    if (modelled()) {
        execution& active = *execution::active();
        active.shared_memory().plains().read(active.view(), address);
    }
}

void write_plain(const void* address) {
    if (modelled()) {
        execution& active = *execution::active();
        active.shared_memory().plains().write(active.view(), address);
    }
}

}  // namespace admit::model::access
