#pragma once

#include <array>

#include "checker/vector_clock.hpp"

namespace admit::model {

/// Who touched one non-atomic object last (FastTrack, Flanagan and Freund, PLDI 2009, with the
/// reads of all threads kept).
struct plain_cell {
    const void* address = nullptr;
    const char* name = nullptr;
    bool alive = false;
    thread_id writer = 0;
    epoch written = 0;
    std::array<epoch, max_threads> read{};
};

}  // namespace admit::model
