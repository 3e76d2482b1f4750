// SPDX-License-Identifier: BSL-1.0
// The plan of a run: which user starts which conversation, and, in the open model, when. The same
// for the same seed.
#pragma once

#include <boost/random/discrete_distribution.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "load/file/scenario_file.hpp"

namespace admit::load {

/// How a conversation ends.
enum class fate { completes, throws, is_forgotten };

/// What one user will do.
struct conversation_plan {
    std::uint32_t kind = 0;
    std::uint32_t user = 0;  ///< among all users of the file
    load::fate fate = fate::completes;
    std::optional<admit::duration> give_up_after{};
    std::uint32_t seed = 0;  ///< of the lengths of its steps
};

/// Chooses the users of one kind. Not thread-safe.
class user_source {
public:
    user_source(const user_kind&, std::size_t first_user);
    std::uint32_t next(random_engine&);

private:
    const user_kind& kind_;
    std::size_t first_;
    std::size_t turn_ = 0;
    // The table has an entry for each id; copies of the source share it.
    std::shared_ptr<const boost::random::discrete_distribution<std::size_t, double>> zipf_;
};

/// A source for each kind, in the order of the file.
std::vector<user_source> make_user_sources(const scenario_file&);

/// Draws all but `kind` and `user`.
conversation_plan draw_conversation(const user_kind&, random_engine&);

/// When a planned conversation starts.
struct arrival_time {
    admit::duration at{};        ///< after the beginning of the run
    admit::duration mean_gap{};  ///< to the next start, by the rate at this instant
};

/// The planned starts of an open arrival plan, in order. Not thread-safe.
class arrival_plan {
public:
    explicit arrival_plan(const scenario_file&);

    struct arrival {
        arrival_time time;
        conversation_plan conversation;
    };

    /// The next start; nothing after the last.
    std::optional<arrival> next();

private:
    bool advance_stage();

    const scenario_file& file_;
    random_engine rng_;
    std::vector<user_source> users_;
    boost::random::discrete_distribution<std::uint32_t, double> kinds_;
    std::vector<rate_stage> stages_;
    std::size_t stage_ = 0;
    double stage_began_s_ = 0;
    double from_rate_ = 0;
    double done_in_stage_ = 0;  ///< starts of this stage that the plan has passed
};

/// A number that depends on each planned start: the same on every platform.
std::uint64_t hash_of(arrival_plan);

}  // namespace admit::load
