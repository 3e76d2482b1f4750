// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "checker/model_thread.hpp"

namespace admit::model {

/// The threads of one execution, by number. At most one of them runs. Used by `execution` and
/// `scheduler`.
class thread_table {
public:
    [[nodiscard]] std::size_t size() const { return size_; }

    model_thread& operator[](thread_id thread) {
        assert(thread < size_);
        return threads_[thread];
    }
    const model_thread& operator[](thread_id thread) const {
        assert(thread < size_);
        return threads_[thread];
    }

    [[nodiscard]] thread_id running_id() const { return running_; }
    model_thread& running() { return (*this)[running_]; }
    [[nodiscard]] const model_thread& running() const { return (*this)[running_]; }
    void set_running(thread_id thread) {
        assert(thread < size_ && !threads_[thread].finished);
        running_ = thread;
    }

    /// Adds a thread in its first state; its stack is that of an earlier execution, if any.
    thread_id add() {
        assert(size_ < max_threads);
        model_thread& added = threads_[size_];
        auto stack = std::move(added.stack);
        added = model_thread{};
        added.stack = std::move(stack);
        return static_cast<thread_id>(size_++);
    }

    /// Removes all threads and keeps their stacks.
    void clear() {
        size_ = 0;
        running_ = 0;
    }

    /// Every thread with a stack, also those of earlier executions.
    std::array<model_thread, max_threads>& all() { return threads_; }

    /// Calls `visit(thread)` for each member of a bit set of threads.
    template <class Visitor>
    void for_each_of(std::uint64_t set, Visitor visit) const {
        for (thread_id id = 0; id < size_; ++id) {
            if (((set >> id) & 1U) != 0) {
                visit(threads_[id]);
            }
        }
    }

private:
    std::array<model_thread, max_threads> threads_;
    std::size_t size_ = 0;
    thread_id running_ = 0;
};

}  // namespace admit::model
