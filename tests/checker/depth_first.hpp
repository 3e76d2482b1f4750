// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <utility>

#include "checker/strategy.hpp"

namespace admit::model {

/// Visits each path once, in depth-first order. Started with a path from a seed, it replays it.
class depth_first final : public strategy {
public:
    depth_first() = default;
    explicit depth_first(choice_path start) { path_ = std::move(start); }

    void begin_execution() override { path_.rewind(); }
    unsigned pick_thread(std::span<const candidate> candidates, thread_id, bool) override {
        return path_.follow(static_cast<unsigned>(candidates.size()));
    }
    unsigned pick_outcome(unsigned arity) override { return path_.follow(arity); }

    /// Moves to the next path; false if this was the last path.
    bool advance() { return path_.advance(); }
};

}  // namespace admit::model
