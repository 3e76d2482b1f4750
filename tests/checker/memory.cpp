// SPDX-License-Identifier: BSL-1.0
#include "checker/memory.hpp"

#include <algorithm>
#include <cassert>

#include "checker/failure.hpp"
#include "checker/options.hpp"

namespace admit::model {

void memory::begin_execution(strategy& choices, const budget& limits) {
    choices_ = &choices;
    limits_ = limits;
    used_ = {};
    stale_bound_reached_ = false;
    branching_ = true;
    events_.clear();
    indices_.clear();
    location_count_ = 0;
    plains_.begin_execution();
}

// --- Lifetimes ----------------------------------------------------------------------------------

void memory::construct_atomic(thread_view thread, const void* address, std::uint64_t value) {
    add_location(address, value, thread.id, thread.clock.tick(thread.id));
}

std::uint32_t memory::add_location(const void* address, std::uint64_t value, thread_id creator,
                                   epoch created) {
    if (location_count_ == locations_.size()) {
        locations_.emplace_back();
    }
    const auto index = static_cast<std::uint32_t>(location_count_++);
    locations_[index].construct(address, value, creator, created);
    indices_.assign(address, index);
    return index;
}

void memory::destroy_atomic(thread_view thread, const void* address) {
    const std::uint32_t index = locate(thread, {address, 0}, operation_kind::destroy);
    thread.clock.tick(thread.id);
    events_.push_back({.kind = operation_kind::destroy, .thread = thread.id, .object = index});
    locations_[index].destroy(thread);
    indices_.assign(address, address_map::absent);
}

std::uint32_t memory::locate(thread_view thread, object target, operation_kind kind) {
    const std::uint32_t index = indices_.find(target.address);
    if (index != address_map::absent) {
        assert(index < location_count_ && locations_[index].address() == target.address);
        return index;
    }
    if (const auto value = persistent_value(target)) {
        return add_location(target.address, *value, 0, 0);
    }
    events_.push_back({.kind = kind, .thread = thread.id, .object = address_map::absent});
    fail("an atomic is used before its construction or after its destruction");
}

void memory::name(const void* address, const char* text) {
    if (const std::uint32_t index = indices_.find(address); index != address_map::absent) {
        locations_[index].set_name(text);
    }
    plains_.name(address, text);
}

const char* memory::atomic_name(std::uint32_t index) const {
    assert(index < location_count_);
    return locations_[index].name();
}

// --- Operations ---------------------------------------------------------------------------------

location& memory::begin_access(thread_view thread, std::uint32_t index) {
    assert(index < location_count_);
    locations_[index].begin_access(thread);
    progressed_ = false;
    return locations_[index];
}

std::uint32_t memory::choose_store(const location& read, std::uint32_t oldest) {
    const std::uint32_t latest = read.latest();
    if (oldest == latest || !branching_) {
        return latest;
    }
    if (used_.stale_reads == limits_.stale_reads) {
        stale_bound_reached_ = true;
        return latest;
    }
    const unsigned behind = choices_->pick_outcome(std::min(latest - oldest + 1, unlimited));
    used_.stale_reads += behind != 0 ? 1 : 0;
    assert(behind <= latest - oldest && used_.stale_reads <= limits_.stale_reads);
    return latest - behind;
}

std::uint64_t memory::load(thread_view thread, std::uint32_t index, std::memory_order order) {
    location& target = begin_access(thread, index);
    const std::uint32_t store = choose_store(target, target.oldest_readable(thread, order));
    progressed_ = target.read(thread, store, order);
    const store_record& found = target.store(store);
    events_.push_back({.kind = operation_kind::load,
                       .thread = thread.id,
                       .order = order,
                       .object = index,
                       .before = found.value,
                       .store = store,
                       .behind = target.latest() - store,
                       .writer = found.writer});
    return found.value;
}

void memory::store(thread_view thread, std::uint32_t index, std::uint64_t value,
                   std::memory_order order) {
    location& target = begin_access(thread, index);
    progressed_ = target.append(thread, value, order, nullptr);
    events_.push_back({.kind = operation_kind::store,
                       .thread = thread.id,
                       .order = order,
                       .object = index,
                       .after = value,
                       .store = target.latest()});
}

std::uint64_t memory::modify(thread_view thread, std::uint32_t index, operation_kind kind,
                             modify_function function, std::uint64_t operand,
                             std::memory_order order) {
    location& target = begin_access(thread, index);
    const std::uint64_t found = target.store(target.latest()).value;
    event recorded{.kind = kind, .thread = thread.id, .object = index};
    exchange(thread, target, function(found, operand), order, recorded);
    events_.push_back(recorded);
    return found;
}

/// Reads the newest store and appends `desired`, as every read-modify-write does.
void memory::exchange(thread_view thread, location& target, std::uint64_t desired,
                      std::memory_order order, event& recorded) {
    const store_record newest = target.store(target.latest());
    const bool news = target.read(thread, target.latest(), order);
    const bool changes = target.append(thread, desired, order, &newest.released);
    progressed_ = news || changes;
    recorded.order = order;
    recorded.before = newest.value;
    recorded.after = desired;
    recorded.store = target.latest();
    recorded.writer = newest.writer;
}

// --- compare_exchange ---------------------------------------------------------------------------

/// Fills `failures_` with the stores at which the operation may fail, the newest first. A failure
/// is a load and may be stale. Only compare_exchange_weak may fail on the expected value, and such
/// a failure counts as spurious, not as stale.
void memory::collect_failures(const location& read, std::uint32_t oldest, std::uint64_t expected) {
    failures_.clear();
    std::uint32_t i = read.latest();
    if (read.store(i).value != expected) {
        failures_.push_back(i);
    }
    while (branching_ && i-- > oldest) {
        if (read.store(i).value == expected) {
            continue;
        }
        if (used_.stale_reads == limits_.stale_reads) {
            stale_bound_reached_ = true;
            break;
        }
        failures_.push_back(i);
    }
}

bool memory::may_fail_spuriously(operation_kind kind) const {
    return branching_ && kind == operation_kind::compare_exchange_weak &&
           used_.spurious_failures < limits_.spurious_failures;
}

bool memory::compare_exchange(thread_view thread, std::uint32_t index, operation_kind kind,
                              std::uint64_t& expected, std::uint64_t desired,
                              exchange_orders orders) {
    location& target = begin_access(thread, index);
    const std::uint32_t latest = target.latest();
    collect_failures(target, target.oldest_readable(thread, orders.failure), expected);

    // Outcomes in this order: success, if possible; then the failures; then a spurious failure.
    const unsigned success = target.store(latest).value == expected ? 1 : 0;
    const auto failures = static_cast<unsigned>(failures_.size());
    const unsigned spurious = success == 1 && may_fail_spuriously(kind) ? 1 : 0;
    const unsigned outcomes = std::min(success + failures + spurious, unlimited);
    assert(outcomes != 0);
    const unsigned outcome = outcomes > 1 ? choices_->pick_outcome(outcomes) : 0;
    assert(outcome < outcomes);

    event recorded{.kind = kind, .thread = thread.id, .object = index};
    const bool succeeds = outcome < success;
    if (succeeds) {
        exchange(thread, target, desired, orders.success, recorded);
    } else {
        recorded.spurious = outcome - success == failures;
        recorded.after = expected;
        fail_exchange(thread, target, recorded.spurious ? latest : failures_[outcome - success],
                      orders.failure, recorded);
        expected = recorded.before;
    }
    events_.push_back(recorded);
    return succeeds;
}

void memory::fail_exchange(thread_view thread, location& target, std::uint32_t store,
                           std::memory_order order, event& recorded) {
    used_.spurious_failures += recorded.spurious ? 1U : 0U;
    used_.stale_reads += store != target.latest() ? 1U : 0U;
    assert(used_.stale_reads <= limits_.stale_reads);
    assert(used_.spurious_failures <= limits_.spurious_failures);
    progressed_ = target.read(thread, store, order);
    recorded.failed = true;
    recorded.order = order;
    recorded.before = target.store(store).value;
    recorded.store = store;
    recorded.behind = target.latest() - store;
    recorded.writer = target.store(store).writer;
}

}  // namespace admit::model
