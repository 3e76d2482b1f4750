// SPDX-License-Identifier: BSL-1.0
// Pins the memory of an engine that may go meanwhile: figures.cpp while it reads; expire.cpp,
// drain.cpp and wait.cpp of src/async when a timer or a posted function calls them.
#pragma once

#include <admit/detail/engine_ref.hpp>

#include "state/engine_core.hpp"

namespace admit::detail {

/// Pins the engine for as long as this lives. False if the engine has gone: then this pins a later
/// engine that has the memory, if there is one.
class engine_pin {
public:
    explicit engine_pin(engine_ref engine) noexcept
        : core_{engine.core()},
          pinned_{core_.lifetime.try_pin()},
          alive_{pinned_ && engine.alive()} {}
    engine_pin(const engine_pin&) = delete;
    engine_pin& operator=(const engine_pin&) = delete;
    ~engine_pin() {
        if (pinned_) core_.lifetime.unpin();
    }

    explicit operator bool() const noexcept { return alive_; }

private:
    core::engine_core& core_;
    const bool pinned_;
    const bool alive_;
};

}  // namespace admit::detail
