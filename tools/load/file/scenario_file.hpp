// SPDX-License-Identifier: BSL-1.0
// What a scenario file says, as values. keys.cpp names, bounds and explains each of them;
// read_file.cpp fills them in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/file/distribution.hpp"
#include "load/file/threshold.hpp"

namespace admit::load {

/// A result shows this much of the text of its file.
inline constexpr std::size_t max_text = 16'384;

struct file_limits {
    std::size_t max_concurrent = 20;
    std::size_t max_per_user = 5;
    std::size_t max_waiting = 1024;
    std::size_t max_waiting_per_user = 1024;
    double idle_timeout_s = 120;
    double max_duration_s = 300;
};

/// A part of an open arrival plan: the rate moves in a straight line to `rate_per_s`.
struct rate_stage {
    double for_s = 0;
    double rate_per_s = 0;
};

struct file_arrival {
    std::string model = "closed";
    std::size_t conversations_per_user = 0;
    bool meet = false;
    std::size_t bursts = 1;
    double pause_ms = 0;
    std::size_t rapid_cycles = 0;
    double rate_per_s = 0;
    std::string process = "poisson";
    std::vector<rate_stage> stages;
    double late_ms = 1;
    double late_interval_percent = 1;
    double late_arrivals_percent = 0.1;

    bool open() const noexcept { return model == "open"; }
};

/// Users of one kind.
struct user_kind {
    std::string name = "user";
    std::size_t count = 1;
    std::string fills = "nothing";
    std::string measures = "conversation";
    std::string ids = "in_turn";
    double zipf_exponent = 1;
    double weight = 1;
    std::size_t steps = 1;
    distribution step_ms{shape::constant, 100, 0};
    bool touch = true;
    distribution think_ms;
    double wait_s = 0;
    std::size_t priority = 0;
    std::optional<std::size_t> max_per_user;
    double give_up_percent = 0;
    distribution give_up_after_ms{shape::constant, 100, 0};
    double throw_percent = 0;
    double never_end_percent = 0;
};

/// A threshold with a name of its own, which follows the settings: a time grows by the wait that
/// the limit alone causes, memory by the number of users.
struct bound {
    std::string name;
    std::optional<threshold> holds;
    std::string kind;
    bool baseline = false;
    bool judges_speed = false;
    std::string causes;
};

/// What all users of a kind do next, in a scenario that goes step by step.
struct script_step {
    std::string users;
    std::string act = "start";
    std::string expect = "admitted";
    std::string name;
    std::string when;
    std::size_t count = 0;
    double after_ms = 0;
};

struct scenario_file {
    std::string name;
    std::string summary;
    std::string text;  ///< as it was read, at most `max_text` bytes of it
    std::size_t seed = 1;
    double duration_s = 10;
    std::size_t max_memory_mib = 4096;
    bool by_key = false;
    std::vector<threshold> thresholds;
    std::vector<std::string> checks;
    file_limits limits;
    file_arrival arrival;
    std::vector<user_kind> users;
    std::vector<script_step> steps;
    std::vector<bound> bounds;

    /// The users of all kinds together.
    std::size_t users_at_once() const noexcept {
        std::size_t sum = 0;
        for (const user_kind& kind : users) sum += kind.count;
        return sum;
    }
    /// Each burst has users of its own.
    std::size_t distinct_users() const noexcept { return users_at_once() * arrival.bursts; }
    const user_kind* kind_of(std::string_view kind_name) const noexcept {
        for (const user_kind& kind : users) {
            if (kind.name == kind_name) return &kind;
        }
        return nullptr;
    }
};

/// The nearest length in whole nanoseconds.
admit::duration from_seconds(double seconds);

/// The length of the run in seconds: `duration_s`, or the stages together.
double length_s(const scenario_file&);

}  // namespace admit::load
