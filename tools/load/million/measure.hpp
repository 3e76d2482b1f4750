// Which crowds are run, and what is made of their figures.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "load/million/command_line.hpp"
#include "load/million/crowd_plan.hpp"

namespace admit::load::million {

/// A crowd with one allocator.
struct crowd_case {
    crowd_plan plan;
    million::allocator allocator;
};

/// The medians of a crowd's runs.
struct measured {
    crowd_case what;
    crowd_result median;
    std::size_t runs = 0;

    double users_per_s() const noexcept {
        return static_cast<double>(what.plan.users) / median.busy_s();
    }
};

/// A crowd that is admitted against the same one that only sleeps.
struct comparison {
    const measured* admitted;
    const measured* bare;
    double most_bytes;  ///< more for each user, by the targets

    double more_bytes() const noexcept;
    double times_busy() const noexcept;
    double times_cpu() const noexcept;

    bool bytes_met() const noexcept { return more_bytes() <= most_bytes; }
    bool busy_met() const noexcept;
    bool cpu_met() const noexcept;
    bool met() const noexcept { return bytes_met() && busy_met() && cpu_met(); }
};

inline constexpr double most_times = 1.1;
inline constexpr double most_bytes_active = 200;
inline constexpr double most_bytes_waiting = 400;

/// In the order in which each round runs them. Of each two the first is the bare one of the second.
std::vector<crowd_case> cases_of(const command& wanted);

/// Runs a crowd; tests replace it.
using runner = std::function<crowd_result(const crowd_case&)>;

/// Runs it in a process of its own.
crowd_result run_in_child(const crowd_case& what);

/// Called before each run with its number, from 0, and the number of all.
using watcher = std::function<void(const crowd_case&, std::size_t, std::size_t)>;

/// Runs all crowds in turn, as often as wanted, and gives a crowd that could not all be there at
/// once more time to arrive. Throws `std::runtime_error`.
std::vector<measured> measure(const command& wanted, const runner& run, const watcher& watch);

std::vector<comparison> compare(const std::vector<measured>& all);

}  // namespace admit::load::million
