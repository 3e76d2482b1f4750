#include "checker/access.hpp"

#include "checker/execution.hpp"
#include "checker/failure.hpp"
#include "checker/outside.hpp"

namespace admit::model::access {

namespace {

constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

std::uint32_t reach(object at, operation_kind kind, bool writes, bool sequential) {
    execution& engine = *execution::active();
    const std::uint32_t index = engine.shared().locate(engine.actor(), at, kind);
    engine.reach({kind, index, writes, sequential});
    return index;
}

}  // namespace

bool modelled() { return execution::active() != nullptr; }

void construct_atomic(const void* address, std::uint64_t value) {
    if (modelled()) {
        execution& engine = *execution::active();
        engine.shared().construct_atomic(engine.actor(), address, value);
    } else {
        construct_outside(address, value);
    }
}

void destroy_atomic(const void* address) {
    if (modelled()) {
        execution& engine = *execution::active();
        engine.shared().destroy_atomic(engine.actor(), address);
    } else {
        destroy_outside(address);
    }
}

std::uint64_t load(object at, std::memory_order order) {
    if (order == std::memory_order_release || order == std::memory_order_acq_rel) {
        fail("a load cannot release");
    }
    const auto index = reach(at, operation_kind::load, false, order == seq_cst);
    execution& engine = *execution::active();
    return engine.shared().load(engine.actor(), index, order);
}

void store(object at, std::uint64_t value, std::memory_order order) {
    if (order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
        order == std::memory_order_consume) {
        fail("a store cannot acquire");
    }
    const auto index = reach(at, operation_kind::store, true, order == seq_cst);
    execution& engine = *execution::active();
    engine.shared().store(engine.actor(), index, value, order);
}

std::uint64_t modify(object at, operation_kind kind, modify_function function,
                     std::uint64_t operand, std::memory_order order) {
    const auto index = reach(at, kind, true, order == seq_cst);
    execution& engine = *execution::active();
    return engine.shared().modify(engine.actor(), index, kind, function, operand, order);
}

bool compare_exchange(object at, operation_kind kind, std::uint64_t& expected,
                      std::uint64_t desired, exchange_orders orders) {
    if (orders.failure == std::memory_order_release ||
        orders.failure == std::memory_order_acq_rel) {
        fail("a failing compare_exchange cannot release");
    }
    const bool sequential = orders.success == seq_cst || orders.failure == seq_cst;
    const auto index = reach(at, kind, true, sequential);
    execution& engine = *execution::active();
    return engine.shared().compare_exchange(engine.actor(), index, kind, expected, desired, orders);
}

void construct_plain(const void* address) {
    if (modelled()) {
        execution& engine = *execution::active();
        engine.shared().construct_plain(engine.actor(), address);
    } else {
        construct_outside(address, 0);
    }
}

void destroy_plain(const void* address) {
    if (modelled()) {
        execution& engine = *execution::active();
        engine.shared().destroy_plain(engine.actor(), address);
    } else {
        destroy_outside(address);
    }
}

void read_plain(const void* address) {
    if (modelled()) {
        execution& engine = *execution::active();
        engine.shared().read_plain(engine.actor(), address);
    }
}

void write_plain(const void* address) {
    if (modelled()) {
        execution& engine = *execution::active();
        engine.shared().write_plain(engine.actor(), address);
    }
}

}  // namespace admit::model::access
