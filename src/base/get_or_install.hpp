// A place that is filled when it is first needed, by whoever comes first.
#pragma once

#include <memory>

#include "base/atomic.hpp"

namespace admit::core {

/// What is in that place. If nothing is, it is what `make` returns in a `std::unique_ptr`, or what
/// another thread has put there meanwhile. Throws what `make` throws; lock-free but for that.
template <class T, class Make>
T& get_or_install(atomic<T*>& place, Make make) {
    // acquire: edge install -> use, for what another thread made.
    if (T* const there = place.load(memory_order_acquire)) return *there;
    auto fresh = make();
    T* none = nullptr;
    // release: edge install -> use. acquire on failure: another's is used.
    if (place.compare_exchange_strong(none, fresh.get(), memory_order_release,
                                      memory_order_acquire))
        return *fresh.release();
    return *none;
}

}  // namespace admit::core
