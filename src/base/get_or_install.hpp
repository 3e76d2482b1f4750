// SPDX-License-Identifier: BSL-1.0
// Installs an object at its first use. group_table.hpp and cell_pool.hpp fill their pages with it.
#pragma once

#include <memory>

#include "base/atomic.hpp"

namespace admit::core {

/// The object at `place`. If there is none, installs the `std::unique_ptr` that `make` returns,
/// unless another thread installs one first. Throws what `make` throws; lock-free but for that.
template <class T, class Make>
T& get_or_install(atomic<T*>& place, Make make) {
    // acquire: edge install -> use, for an object of another thread.
    if (T* const there = place.load(memory_order_acquire)) return *there;
    auto fresh = make();
    T* none = nullptr;
    // release: edge install -> use. acquire on failure: the object of another thread is used.
    if (place.compare_exchange_strong(none, fresh.get(), memory_order_release,
                                      memory_order_acquire))
        return *fresh.release();
    return *none;
}

}  // namespace admit::core
