// SPDX-License-Identifier: BSL-1.0
// The crowds of a command, their runs and the comparison of their results.
// Used by main.cpp and report.cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "crowd/command_line.hpp"
#include "crowd/crowd_plan.hpp"

namespace admit::crowd {

/// A crowd with one allocator.
struct crowd_case {
    crowd_plan plan;
    allocator_kind allocator;
};

/// The medians of a crowd's runs.
struct measured {
    crowd_case subject;
    crowd_result median;
    std::size_t runs = 0;

    double users_per_s() const noexcept {
        return static_cast<double>(subject.plan.users) / median.busy_s();
    }
};

/// An admitted crowd beside the same crowd that only sleeps.
struct comparison {
    const measured* admitted;
    const measured* baseline;
    double max_bytes;  ///< the target for the additional bytes of a user

    double more_bytes() const noexcept;
    double times_busy() const noexcept;
    double times_cpu() const noexcept;

    bool bytes_met() const noexcept { return more_bytes() <= max_bytes; }
    bool busy_met() const noexcept;
    bool cpu_met() const noexcept;
    bool met() const noexcept { return bytes_met() && busy_met() && cpu_met(); }
};

inline constexpr double max_ratio = 1.1;
inline constexpr double max_bytes_active = 200;
inline constexpr double max_bytes_waiting = 400;

/// In the order of a round. Each admitted crowd follows its baseline, which only sleeps.
std::vector<crowd_case> cases_of(const command& wanted);

/// Runs a crowd. Tests replace it.
using runner = std::function<crowd_result(const crowd_case&)>;

/// Runs a crowd in a process of its own.
crowd_result run_in_child(const crowd_case& subject);

/// Called before each run with its number, from 0, and the number of all runs.
using progress_callback = std::function<void(const crowd_case&, std::size_t, std::size_t)>;

/// Runs all crowds in turn, `wanted.repetitions` times. A crowd runs again with more time if its
/// users did not all arrive in time. Throws `std::runtime_error` after too many attempts.
std::vector<measured> measure(const command& wanted, const runner& run,
                              const progress_callback& watch);

std::vector<comparison> compare(const std::vector<measured>& all);

}  // namespace admit::crowd
