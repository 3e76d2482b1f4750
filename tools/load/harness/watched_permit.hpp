// SPDX-License-Identifier: BSL-1.0
// A permit of a simulated user, and how the user asked for it. Made by scenario_run.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "load/harness/subject.hpp"

namespace admit::load {

using steady = std::chrono::steady_clock;

class scenario_run;

/// How one user asks for a conversation.
struct start_options {
    std::uint32_t kind = 0;
    admit::duration wait{};  ///< 0: a start without room is rejected
    unsigned priority = 0;
    std::optional<std::size_t> max_per_user{};
    std::optional<admit::duration> give_up_after{};  ///< cancels the wait; needs a strand
    std::optional<steady::time_point> planned{};     ///< the start of the response time
};

/// A permit, of the engine or of a baseline. Its conversation is in the outside count while it is
/// certainly active.
class watched_permit {
public:
    watched_permit() noexcept = default;
    watched_permit(watched_permit&& other) noexcept;
    watched_permit& operator=(watched_permit&&) = delete;

    /// Counts a conversation that was not ended as abandoned, which fails a check.
    ~watched_permit();

    void touch();

    /// Ends the conversation. Response time: from the planned start, or else from the request, to
    /// the return of the end.
    void end();

    /// The engine may end the conversation at any time from now on, so it is in the outside count
    /// no longer.
    void leave_outside_count() noexcept;

    /// The conversation ends as the permit is destroyed, by an exception that the scenario asks
    /// for.
    void will_be_thrown_away() noexcept { thrown_ = true; }

    /// How long until the engine may end the conversation; 0: it may have ended it.
    admit::duration remaining() const noexcept;

    /// Ends the conversation. Response time: the duration of the calls that start and end it.
    void end_timing_calls();

private:
    friend class scenario_run;
    watched_permit(scenario_run& owner, held_permit held, std::size_t user,
                   const start_options& how, steady::time_point asked) noexcept;

    scenario_run* run_ = nullptr;
    held_permit permit_;
    std::uint32_t user_ = 0;
    std::uint32_t kind_ = 0;
    bool counted_outside_ = true;
    bool thrown_ = false;
    steady::time_point planned_;
    steady::time_point asked_;
    steady::time_point admitted_;
};

}  // namespace admit::load
