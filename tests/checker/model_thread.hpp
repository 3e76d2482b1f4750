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
    std::unique_ptr<fiber> flow;  ///< kept from execution to execution
    std::function<void()> body;
    vector_clock clock;
    operation pending;  ///< what it will do when it is scheduled next

    bool started = false;
    bool starting = false;  ///< runs up to its first operation on its spawner's turn
    thread_id spawner = 0;
    bool finished = false;
    std::uint64_t joins = 0;  ///< bit set of the threads it waits for, while `pending` is join
    bool token = false;       ///< unparked and not parked since
    vector_clock token_clock;
    bool cancelled = false;
    vector_clock cancel_clock;

    unsigned idle_steps = 0;  ///< in succession, without learning or changing anything
    unsigned solo_steps = 0;  ///< in succession, without a switch
    unsigned steps_while_suspended = 0;
};

}  // namespace admit::model
