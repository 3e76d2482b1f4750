// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>

#include "checker/vector_clock.hpp"

namespace admit::model {

/// The last accesses to one plain object, after FastTrack (Flanagan and Freund, PLDI 2009). The
/// last read of each thread is kept.
struct plain_location {
    const void* address = nullptr;
    const char* name = nullptr;
    bool alive = false;
    thread_id writer = 0;
    epoch written = 0;
    std::array<epoch, max_threads> read{};
};

}  // namespace admit::model
