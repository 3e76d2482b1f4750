#include "checker/memory.hpp"

#include <algorithm>

#include "checker/failure.hpp"
#include "checker/options.hpp"

namespace admit::model {

namespace {

bool acquires(std::memory_order order) {
    return order == std::memory_order_acquire || order == std::memory_order_consume ||
           order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

bool releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

}  // namespace

void memory::begin_execution(strategy& choices, const budget& limits) {
    choices_ = &choices;
    limits_ = limits;
    spent_ = {};
    stale_bound_reached_ = false;
    branching_ = true;
    atomics_.clear();
    location_count_ = 0;
    plains_.clear();
    cells_.clear();
    events_.clear();
}

void memory::construct_atomic(actor who, const void* address, std::uint64_t value) {
    add_location(address, value, who.id, who.clock.tick(who.id));
}

std::uint32_t memory::add_location(const void* address, std::uint64_t value, thread_id creator,
                                   epoch created) {
    if (location_count_ == locations_.size()) {
        locations_.emplace_back();
    }
    const auto index = static_cast<std::uint32_t>(location_count_++);
    location& at = locations_[index];
    at.address = address;
    at.name = nullptr;
    at.alive = true;
    at.creator = creator;
    at.created = created;
    at.history.assign(1, {value, {}, creator});
    at.sightings.clear();
    at.newest_seen.fill(0);
    at.last_access.fill(0);
    at.sequential_floor = 0;
    atomics_.assign(address, index);
    return index;
}

void memory::destroy_atomic(actor who, const void* address) {
    const std::uint32_t index = locate(who, {address, 0}, operation_kind::destroy);
    who.clock.tick(who.id);
    location& at = locations_[index];
    events_.push_back({.kind = operation_kind::destroy, .thread = who.id, .object = index});
    for (thread_id other = 0; other < max_threads; ++other) {
        if (other != who.id && !who.clock.covers(other, at.last_access[other])) {
            fail("an atomic is destroyed while T" + std::to_string(other) +
                 " may still use it: its last access does not happen before the destruction");
        }
    }
    at.alive = false;
    atomics_.assign(address, address_map::absent);
}

std::uint32_t memory::locate(actor who, object at, operation_kind kind) {
    const std::uint32_t index = atomics_.find(at.address);
    if (index != address_map::absent) {
        return index;
    }
    if (const auto value = outside_value(at)) {
        return add_location(at.address, *value, 0, 0);
    }
    events_.push_back({.kind = kind, .thread = who.id, .object = address_map::absent});
    fail("an atomic is used before its construction or after its destruction");
}

location& memory::enter(actor who, std::uint32_t index) {
    location& at = locations_[index];
    if (!at.alive) {
        fail("an atomic is used after its destruction");
    }
    if (!who.clock.covers(at.creator, at.created)) {
        fail(
            "data race: an atomic is used by a thread for which its construction did not happen "
            "before");
    }
    at.last_access[who.id] = who.clock.tick(who.id);
    return at;
}

/// The coherence rules of [intro.races] in one: whoever read or wrote a store, and happens before
/// this load, keeps the load from going further back. A seq_cst load moreover cannot go behind
/// what seq_cst operations earlier in their total order S have read or written
/// ([atomics.order] 4; S is the order of execution).
std::uint32_t memory::oldest_readable(actor who, const location& at, std::memory_order order) {
    const std::uint32_t latest = at.latest();
    std::uint32_t oldest = at.newest_seen[who.id];
    if (order == std::memory_order_seq_cst) {
        oldest = std::max(oldest, at.sequential_floor);
    }
    for (auto s = at.sightings.rbegin(); s != at.sightings.rend() && oldest != latest; ++s) {
        if (s->index > oldest && who.clock.covers(s->who, s->when)) {
            oldest = s->index;
        }
    }
    return oldest;
}

std::uint32_t memory::choose_store(const location& at, std::uint32_t oldest) {
    const std::uint32_t latest = at.latest();
    if (oldest == latest || !branching_) {
        return latest;
    }
    if (spent_.stale_reads == limits_.stale_reads) {
        stale_bound_reached_ = true;
        return latest;
    }
    const unsigned behind = choices_->pick_outcome(std::min(latest - oldest + 1, unlimited));
    spent_.stale_reads += behind != 0 ? 1 : 0;
    return latest - behind;
}

void memory::see(actor who, location& at, std::uint32_t store) {
    if (store > at.newest_seen[who.id]) {
        at.newest_seen[who.id] = store;
        at.sightings.push_back({who.id, who.clock.at(who.id), store});
        progressed_ = true;
    }
}

void memory::observe(actor who, location& at, std::uint32_t store, std::memory_order order) {
    see(who, at, store);
    if (acquires(order)) {
        who.clock.join(at.history[store].released);
    }
    if (order == std::memory_order_seq_cst) {
        at.sequential_floor = std::max(at.sequential_floor, store);
    }
}

/// `continued`: what the store before it released, if this one belongs to its release sequence,
/// which is the case for a read-modify-write whatever its own order, and for nothing else.
void memory::append(actor who, location& at, std::uint64_t value, std::memory_order order,
                    const vector_clock* continued) {
    store_record made{value, {}, who.id};
    if (continued != nullptr) {
        made.released = *continued;
    }
    if (releases(order)) {
        made.released.join(who.clock);
    }
    const bool changes = value != at.history.back().value;
    at.history.push_back(made);
    const bool knew = progressed_;
    see(who, at, at.latest());
    progressed_ = knew || changes;
    if (order == std::memory_order_seq_cst) {
        at.sequential_floor = at.latest();
    }
}

std::uint64_t memory::load(actor who, std::uint32_t index, std::memory_order order) {
    location& at = enter(who, index);
    progressed_ = false;
    const std::uint32_t store = choose_store(at, oldest_readable(who, at, order));
    observe(who, at, store, order);
    const store_record& found = at.history[store];
    events_.push_back({.kind = operation_kind::load,
                       .thread = who.id,
                       .order = order,
                       .object = index,
                       .before = found.value,
                       .store = store,
                       .behind = at.latest() - store,
                       .writer = found.writer});
    return found.value;
}

void memory::store(actor who, std::uint32_t index, std::uint64_t value, std::memory_order order) {
    location& at = enter(who, index);
    progressed_ = false;
    append(who, at, value, order, nullptr);
    events_.push_back({.kind = operation_kind::store,
                       .thread = who.id,
                       .order = order,
                       .object = index,
                       .after = value,
                       .store = at.latest()});
}

std::uint64_t memory::modify(actor who, std::uint32_t index, operation_kind kind,
                             modify_function function, std::uint64_t operand,
                             std::memory_order order) {
    location& at = enter(who, index);
    progressed_ = false;
    const store_record found = at.history.back();
    observe(who, at, at.latest(), order);
    const std::uint64_t value = function(found.value, operand);
    append(who, at, value, order, &found.released);
    events_.push_back({.kind = kind,
                       .thread = who.id,
                       .order = order,
                       .object = index,
                       .before = found.value,
                       .after = value,
                       .store = at.latest(),
                       .writer = found.writer});
    return found.value;
}

/// Fills `readable_` with the stores at which the operation may fail, the newest first. A failure
/// is a load and may be out of date, but only compare_exchange_weak may fail on the value that it
/// expects, and that is counted as spurious, not as stale.
std::uint32_t memory::failed_exchange_outcomes(const location& at, std::uint32_t oldest,
                                               std::uint64_t expected) {
    readable_.clear();
    std::uint32_t i = at.latest();
    if (at.history[i].value != expected) {
        readable_.push_back(i);
    }
    while (branching_ && i-- > oldest) {
        if (at.history[i].value == expected) {
            continue;
        }
        if (spent_.stale_reads == limits_.stale_reads) {
            stale_bound_reached_ = true;
            break;
        }
        readable_.push_back(i);
    }
    return static_cast<std::uint32_t>(readable_.size());
}

bool memory::compare_exchange(actor who, std::uint32_t index, operation_kind kind,
                              std::uint64_t& expected, std::uint64_t desired,
                              exchange_orders orders) {
    location& at = enter(who, index);
    progressed_ = false;
    const std::uint32_t latest = at.latest();
    const store_record newest = at.history[latest];
    const std::uint32_t oldest = oldest_readable(who, at, orders.failure);

    // Outcomes in this order: success, if possible; then the failures; then a spurious failure.
    const unsigned success = newest.value == expected ? 1 : 0;
    const unsigned failures = failed_exchange_outcomes(at, oldest, expected);
    const bool may_fail_spuriously = success == 1 && branching_ &&
                                     kind == operation_kind::compare_exchange_weak &&
                                     spent_.spurious_failures < limits_.spurious_failures;
    const unsigned outcomes =
        std::min(success + failures + (may_fail_spuriously ? 1U : 0U), unlimited);
    const unsigned outcome = outcomes > 1 ? choices_->pick_outcome(outcomes) : 0;

    event made{.kind = kind, .thread = who.id, .object = index};
    const bool succeeds = outcome < success;
    if (succeeds) {
        observe(who, at, latest, orders.success);
        append(who, at, desired, orders.success, &newest.released);
        made.order = orders.success;
        made.before = newest.value;
        made.after = desired;
        made.store = at.latest();
        made.writer = newest.writer;
    } else {
        made.spurious = outcome - success == failures;
        const std::uint32_t store = made.spurious ? latest : readable_[outcome - success];
        spent_.spurious_failures += made.spurious ? 1 : 0;
        spent_.stale_reads += store != latest ? 1 : 0;
        observe(who, at, store, orders.failure);
        made.failed = true;
        made.order = orders.failure;
        made.before = at.history[store].value;
        made.after = expected;
        made.store = store;
        made.behind = latest - store;
        made.writer = at.history[store].writer;
        expected = made.before;
    }
    events_.push_back(made);
    return succeeds;
}

void memory::construct_plain(actor who, const void* address) {
    const auto index = static_cast<std::uint32_t>(cells_.size());
    cells_.push_back(
        {.address = address, .alive = true, .writer = who.id, .written = who.clock.tick(who.id)});
    plains_.assign(address, index);
}

plain_cell& memory::enter_plain(actor who, const void* address, operation_kind kind) {
    std::uint32_t index = plains_.find(address);
    if (index == address_map::absent && is_outside(address)) {
        index = static_cast<std::uint32_t>(cells_.size());
        cells_.push_back({.address = address, .alive = true});
        plains_.assign(address, index);
    }
    events_.push_back({.kind = kind, .thread = who.id, .object = index});
    if (index == address_map::absent) {
        fail("a plain object is used before its construction or after its destruction");
    }
    plain_cell& cell = cells_[index];
    if (!who.clock.covers(cell.writer, cell.written)) {
        fail("data race on a plain object: the last write, by T" + std::to_string(cell.writer) +
             ", does not happen before this access");
    }
    who.clock.tick(who.id);
    return cell;
}

void memory::read_plain(actor who, const void* address) {
    plain_cell& cell = enter_plain(who, address, operation_kind::plain_read);
    cell.read[who.id] = who.clock.at(who.id);
}

void memory::write_plain(actor who, const void* address) {
    plain_cell& cell = enter_plain(who, address, operation_kind::plain_write);
    for (thread_id other = 0; other < max_threads; ++other) {
        if (!who.clock.covers(other, cell.read[other])) {
            fail("data race on a plain object: a read by T" + std::to_string(other) +
                 " does not happen before this write");
        }
    }
    cell.writer = who.id;
    cell.written = who.clock.at(who.id);
}

void memory::destroy_plain(actor who, const void* address) {
    write_plain(who, address);  // nobody may be using it any more, as for a write
    events_.back().kind = operation_kind::plain_destroy;
    cells_[plains_.find(address)].alive = false;
    plains_.assign(address, address_map::absent);
}

void memory::name(const void* address, const char* text) {
    if (const std::uint32_t index = atomics_.find(address); index != address_map::absent) {
        locations_[index].name = text;
    }
    if (const std::uint32_t index = plains_.find(address); index != address_map::absent) {
        cells_[index].name = text;
    }
}

}  // namespace admit::model
