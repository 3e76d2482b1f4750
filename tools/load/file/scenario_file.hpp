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

struct scenario_file {
    std::string name;
    std::string summary;
    std::size_t seed = 1;
    double duration_s = 10;
    std::size_t max_memory_mib = 4096;
    std::vector<threshold> thresholds;
    file_limits limits;
    file_arrival arrival;
    std::vector<user_kind> users;

    std::size_t distinct_users() const noexcept {
        std::size_t sum = 0;
        for (const user_kind& kind : users) sum += kind.count;
        return sum;
    }
};

/// The nearest length in whole nanoseconds.
admit::duration from_seconds(double seconds);

/// The length of the run in seconds: `duration_s`, or the stages together.
double length_s(const scenario_file&);

}  // namespace admit::load
