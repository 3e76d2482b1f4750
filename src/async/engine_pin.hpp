// Pins the memory of an engine while an operation works in it.
#pragma once

#include <admit/detail/engine_ref.hpp>

#include "state/engine_registry.hpp"

namespace admit::detail {

/// Pins the engine for as long as this lives. False if the engine has gone: the memory may then be
/// a later engine's, and stays that one's meanwhile.
class engine_pin {
public:
    explicit engine_pin(engine_ref engine) noexcept
        : core_{engine.core()},
          pinned_{core_.lifetime.try_pin()},
          alive_{pinned_ && engine.alive()} {}
    engine_pin(const engine_pin&) = delete;
    engine_pin& operator=(const engine_pin&) = delete;
    ~engine_pin() {
        if (pinned_) core::engine_registry::unpin(core_);
    }

    explicit operator bool() const noexcept { return alive_; }

private:
    core::engine_core& core_;
    const bool pinned_;
    const bool alive_;
};

}  // namespace admit::detail
