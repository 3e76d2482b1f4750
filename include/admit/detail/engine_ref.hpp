// An engine as an operation remembers it. Not for users.
#pragma once

#include <admit/engine.hpp>
#include <cstdint>

namespace admit::detail {

/// An engine that may be gone when the operation begins.
class engine_ref {
public:
    explicit(false) engine_ref(engine& engine) noexcept;

    core::engine_core& core() const noexcept { return *core_; }
    std::uint64_t number() const noexcept { return number_; }
    /// Whether the memory is still this engine's.
    bool alive() const noexcept;

private:
    core::engine_core* core_;  // type-stable
    std::uint64_t number_;
};

}  // namespace admit::detail
