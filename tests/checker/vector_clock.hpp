// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "checker/thread_id.hpp"

namespace admit::model {

/// The number of an event among the events of its thread.
using epoch = std::uint32_t;

/// For each thread the latest of its events that happens before now (Lamport 1978, Mattern 1989).
/// An event of thread `t` at epoch `e` happens before a thread with a clock that has `at(t) >= e`.
class vector_clock {
public:
    [[nodiscard]] epoch at(thread_id thread) const {
        assert(thread < max_threads);
        return epochs_[thread];
    }
    [[nodiscard]] bool covers(thread_id thread, epoch when) const { return at(thread) >= when; }

    epoch tick(thread_id thread) {
        assert(thread < max_threads);
        ++epochs_[thread];
        assert(epochs_[thread] != 0);  // no overflow: a wrapped epoch would be covered by all
        return epochs_[thread];
    }

    void join(const vector_clock& other) {
        for (std::size_t i = 0; i < max_threads; ++i) {
            epochs_[i] = std::max(epochs_[i], other.epochs_[i]);
        }
    }

private:
    std::array<epoch, max_threads> epochs_{};
};

/// A thread as the memory model sees it: the thread does an operation, its clock is what it knows.
struct thread_view {
    thread_id id;
    vector_clock& clock;
};

}  // namespace admit::model
