// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "checker/fiber.hpp"
#include "checker/operation.hpp"
#include "checker/vector_clock.hpp"

namespace admit::model {

/// One thread of the program under test.
struct model_thread {
    std::unique_ptr<fiber> stack;  ///< reused in the next execution
    std::function<void()> body;
    vector_clock clock;
    operation pending;  ///< what the thread does when it is scheduled next

    bool starting = false;  ///< runs up to its first scheduling point, in place of its spawner
    thread_id spawner = 0;  ///< the thread that goes on when `starting` ends
    bool finished = false;
    std::uint64_t joins = 0;  ///< bit set of the threads it waits for, while `pending` is a join
    bool token = false;       ///< unparked and not parked since
    vector_clock token_clock;
    bool cancelled = false;
    vector_clock cancel_clock;

    unsigned steps_without_progress = 0;
    unsigned steps_without_switch = 0;
    unsigned steps_while_suspended = 0;  ///< while another thread is suspended
};

}  // namespace admit::model
