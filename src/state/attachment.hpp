// SPDX-License-Identifier: BSL-1.0
// What a layer keeps with an engine's core from when it is first needed: the waiting room, the
// cells of supervisors, histograms. state/engine_core.hpp has a place for each.
#pragma once

#include <memory>

#include "base/get_or_install.hpp"

namespace admit::core {

struct attachment {
    virtual ~attachment() = default;

    /// The attachment at that place; null if there is none.
    template <class T>
    static T* find(const atomic<attachment*>& place) noexcept {
        // acquire: edge install -> use.
        return static_cast<T*>(place.load(memory_order_acquire));
    }
    /// The attachment at that place, made if there is none. Throws `std::bad_alloc`.
    template <class T>
    static T& require(atomic<attachment*>& place) {
        return static_cast<T&>(get_or_install(place, [] { return std::make_unique<T>(); }));
    }
};

}  // namespace admit::core
