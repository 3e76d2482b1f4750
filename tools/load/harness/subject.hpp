// SPDX-License-Identifier: BSL-1.0
// The system that a run drives: the engine, or a baseline that a user may compare it with. Made by
// runner.cpp; used by scenario_run.cpp.
#pragma once

#include <admit/engine.hpp>
#include <boost/system/result.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "common/baseline/mutex_maps.hpp"
#include "common/baseline/sharded_mutexes.hpp"
#include "load/settings.hpp"

namespace admit::load {

/// A conversation of whichever system runs. The destructor ends it.
using held_permit =
    std::variant<permit, baseline::mutex_maps::permit, baseline::sharded_mutexes::permit>;

/// Thread-safe. The engine is always there, and idle beside a baseline.
class subject {
public:
    subject(system_kind kind, const admit::limits& limits, const engine_options& options)
        : engine_(limits, options) {
        if (kind == system_kind::mutex) mutex_.emplace(limits);
        if (kind == system_kind::sharded) sharded_.emplace(limits);
    }

    admit::engine& engine() noexcept { return engine_; }

    /// By the engine with a key, if there is one.
    boost::system::result<held_permit> try_admit(std::string_view user, const user_key* key,
                                                 const admit_options& options) {
        if (mutex_) return held(mutex_->try_admit(user));
        if (sharded_) return held(sharded_->try_admit(user));
        return held(key != nullptr ? engine_.try_admit(*key, options)
                                   : engine_.try_admit(user, options));
    }

private:
    template <class Permit>
    static boost::system::result<held_permit> held(boost::system::result<Permit> answer) {
        if (!answer) return answer.error();
        return held_permit(std::move(*answer));
    }

    admit::engine engine_;
    std::optional<baseline::mutex_maps> mutex_;
    std::optional<baseline::sharded_mutexes> sharded_;
};

}  // namespace admit::load
