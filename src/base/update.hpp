// SPDX-License-Identifier: BSL-1.0
// The loop that replaces an atomic word by a function of the word. The words of slots and users,
// index_stack.hpp and this_thread.cpp use it.
#pragma once

#include "base/atomic.hpp"

namespace admit::core {

/// A word before and after an update. False if the update left the word alone.
template <class T>
struct updated {
    T before;
    T after;

    explicit operator bool() const noexcept { return before != after; }
};

/// Replaces `word` by `next(word)`; leaves it alone when `next` returns its argument. `success` is
/// the order of the exchange, `failure` the order of every load before it. Lock-free.
template <class T, class Next>
updated<T> update(atomic<T>& word, std::memory_order success, std::memory_order failure,
                  Next next) noexcept {
    updated<T> result{.before = word.load(failure), .after = {}};
    do result.after = next(result.before);
    while (result && !word.compare_exchange_weak(result.before, result.after, success, failure));
    return result;
}

}  // namespace admit::core
