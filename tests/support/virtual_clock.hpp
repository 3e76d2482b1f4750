// SPDX-License-Identifier: BSL-1.0
// A clock that only a test advances. The whole program shares its time.
#pragma once

#include <admit/engine.hpp>
#include <atomic>

namespace support {

class virtual_clock {
public:
    /// For the constructor of an engine.
    static admit::time_source source(admit::duration resolution = admit::duration::zero()) {
        return {.now = &now, .resolution = resolution};
    }

    static admit::time_point now() noexcept { return admit::time_point{admit::duration{now_}}; }
    static void set(admit::duration since_start) noexcept { now_ = since_start.count(); }
    static void advance(admit::duration by) noexcept { now_ += by.count(); }

private:
    static inline constinit std::atomic<admit::duration::rep> now_{0};
};

}  // namespace support
