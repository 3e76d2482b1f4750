// SPDX-License-Identifier: BSL-1.0
#include "checker/race_detector.hpp"

#include <cassert>

#include "checker/failure.hpp"
#include "checker/persistent_objects.hpp"

namespace admit::model {

void race_detector::begin_execution() {
    indices_.clear();
    locations_.clear();
}

std::uint32_t race_detector::add(const plain_location& added) {
    const auto index = static_cast<std::uint32_t>(locations_.size());
    locations_.push_back(added);
    indices_.assign(added.address, index);
    return index;
}

std::uint32_t race_detector::find_or_add_persistent(const void* address) {
    const std::uint32_t index = indices_.find(address);
    if (index == address_map::absent && is_persistent(address)) {
        return add({.address = address, .alive = true});
    }
    return index;
}

void race_detector::construct(thread_view thread, const void* address) {
    add({.address = address,
         .alive = true,
         .writer = thread.id,
         .written = thread.clock.tick(thread.id)});
}

/// Two accesses are a data race if one of them writes and neither happens before the other. The
/// last write happens before every access in an execution without a race.
plain_location& race_detector::access(thread_view thread, const void* address,
                                      operation_kind kind) {
    const std::uint32_t index = find_or_add_persistent(address);
    events_.push_back({.kind = kind, .thread = thread.id, .object = index});
    if (index == address_map::absent) {
        fail("a plain object is used before its construction or after its destruction");
    }
    plain_location& accessed = locations_[index];
    assert(accessed.alive && accessed.address == address);
    if (!thread.clock.covers(accessed.writer, accessed.written)) {
        fail("data race on a plain object: the last write, by " + thread_name(accessed.writer) +
             ", does not happen before this access");
    }
    thread.clock.tick(thread.id);
    return accessed;
}

void race_detector::read(thread_view thread, const void* address) {
    plain_location& accessed = access(thread, address, operation_kind::plain_read);
    accessed.read[thread.id] = thread.clock.at(thread.id);
}

void race_detector::write(thread_view thread, const void* address) {
    plain_location& accessed = access(thread, address, operation_kind::plain_write);
    for (thread_id other = 0; other < max_threads; ++other) {
        if (!thread.clock.covers(other, accessed.read[other])) {
            fail("data race on a plain object: a read by " + thread_name(other) +
                 " does not happen before this write");
        }
    }
    accessed.writer = thread.id;
    accessed.written = thread.clock.at(thread.id);
}

void race_detector::destroy(thread_view thread, const void* address) {
    write(thread, address);  // as a write, it races with every access that does not happen before
    events_.back().kind = operation_kind::plain_destroy;
    locations_[indices_.find(address)].alive = false;
    indices_.assign(address, address_map::absent);
}

void race_detector::name(const void* address, const char* text) {
    if (const std::uint32_t index = indices_.find(address); index != address_map::absent) {
        locations_[index].name = text;
    }
}

}  // namespace admit::model
