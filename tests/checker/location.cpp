// SPDX-License-Identifier: BSL-1.0
#include "checker/location.hpp"

#include <algorithm>
#include <cassert>

#include "checker/failure.hpp"

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

void location::construct(const void* address, std::uint64_t value, thread_id creator,
                         epoch created) {
    address_ = address;
    name_ = nullptr;
    alive_ = true;
    creator_ = creator;
    created_ = created;
    history_.assign(1, {value, {}, creator});
    observations_.clear();
    newest_observed_.fill(0);
    last_access_.fill(0);
    sequential_floor_ = 0;
}

void location::destroy(thread_view thread) {
    assert(alive_);
    for (thread_id other = 0; other < max_threads; ++other) {
        if (other != thread.id && !thread.clock.covers(other, last_access_[other])) {
            fail("an atomic is destroyed while " + thread_name(other) +
                 " may still use it: its last access does not happen before the destruction");
        }
    }
    alive_ = false;
}

void location::begin_access(thread_view thread) {
    if (!alive_) {
        fail("an atomic is used after its destruction");
    }
    if (!thread.clock.covers(creator_, created_)) {
        fail(
            "data race: an atomic is used by a thread for which its construction did not happen "
            "before");
    }
    last_access_[thread.id] = thread.clock.tick(thread.id);
}

/// Coherence: a load reads no store before one that was read or written by an operation which
/// happens before the load. A seq_cst load moreover reads no store before those that seq_cst
/// operations earlier in S have read or written. S is the order of execution.
std::uint32_t location::oldest_readable(thread_view thread, std::memory_order order) const {
    std::uint32_t oldest = newest_observed_[thread.id];
    if (order == std::memory_order_seq_cst) {
        oldest = std::max(oldest, sequential_floor_);
    }
    for (auto o = observations_.rbegin(); o != observations_.rend() && oldest != latest(); ++o) {
        if (o->store > oldest && thread.clock.covers(o->thread, o->when)) {
            oldest = o->store;
        }
    }
    assert(oldest <= latest());
    return oldest;
}

bool location::observe(thread_view thread, std::uint32_t store) {
    assert(store <= latest());
    if (store <= newest_observed_[thread.id]) {
        return false;
    }
    newest_observed_[thread.id] = store;
    observations_.push_back({thread.id, thread.clock.at(thread.id), store});
    return true;
}

bool location::read(thread_view thread, std::uint32_t store, std::memory_order order) {
    assert(store >= newest_observed_[thread.id]);  // no thread reads backwards
    assert(order != std::memory_order_seq_cst || store >= sequential_floor_);
    const bool news = observe(thread, store);
    if (acquires(order)) {
        thread.clock.join(history_[store].released);
    }
    if (order == std::memory_order_seq_cst) {
        sequential_floor_ = store;
    }
    return news;
}

bool location::append(thread_view thread, std::uint64_t value, std::memory_order order,
                      const vector_clock* continued) {
    store_record record{value, {}, thread.id};
    if (continued != nullptr) {
        record.released = *continued;
    }
    if (releases(order)) {
        record.released.join(thread.clock);
    }
    const bool changes = value != history_.back().value;
    history_.push_back(record);
    observe(thread, latest());
    if (order == std::memory_order_seq_cst) {
        sequential_floor_ = latest();
    }
    return changes;
}

const store_record& location::store(std::uint32_t number) const {
    assert(number <= latest());
    return history_[number];
}

}  // namespace admit::model
