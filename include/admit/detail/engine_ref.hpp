// SPDX-License-Identifier: BSL-1.0
// An engine as an operation remembers it; all operations of async.hpp use it. Not for users of the
// library.
#pragma once

#include <admit/detail/public.hpp>
#include <admit/engine.hpp>

namespace admit::detail {

/// An engine that may be gone when the operation continues; its memory may then be another's.
class ADMIT_PUBLIC engine_ref {
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
