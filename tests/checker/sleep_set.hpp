// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cassert>
#include <cstdint>

#include "checker/thread_table.hpp"

namespace admit::model {

/// Sleep set (Godefroid 1996). The pending operation of a member was explored first at an earlier
/// scheduling point, and commutes with all steps since. Scheduling a member repeats an execution.
class sleep_set {
public:
    void clear() { members_ = 0; }

    [[nodiscard]] bool contains(thread_id thread) const { return ((members_ >> thread) & 1U) != 0; }

    void insert(thread_id thread, const operation& pending) {
        assert(is_memory_operation(pending.kind));  // no other operation commutes with a step
        members_ |= bit(thread);
    }

    /// `thread` does its pending operation. It leaves the set, and so do the members with a pending
    /// operation that does not commute with it.
    void step(thread_id thread, const thread_table& threads) {
        const operation& done = threads[thread].pending;
        for (thread_id other = 0; members_ != 0 && other < threads.size(); ++other) {
            if (contains(other) && dependent(threads[other].pending, done)) {
                members_ &= ~bit(other);
            }
        }
        members_ &= ~bit(thread);
    }

private:
    static std::uint64_t bit(thread_id thread) { return std::uint64_t{1} << thread; }

    std::uint64_t members_ = 0;
};

}  // namespace admit::model
