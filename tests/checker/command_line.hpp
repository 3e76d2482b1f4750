// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checker/options.hpp"

namespace admit::model {

/// The options of a model test program, as `--name value` or as variable ADMIT_MODEL_NAME=value.
struct command_line {
    std::string replay;                        ///< --replay SEED
    std::optional<unsigned> bound;             ///< --bound N: preemptions
    std::optional<std::uint64_t> executions;   ///< --executions N: limit of each search
    std::optional<std::uint64_t> random;       ///< --random N: random executions after each search
    std::optional<std::uint64_t> random_seed;  ///< --random-seed N
    bool deep = false;                         ///< --deep: wider bounds for a long run

    /// Throws std::invalid_argument for a malformed number.
    static command_line parse(int argc, const char* const* argv);
    /// The options of a test as the command line changes them.
    [[nodiscard]] options apply(options config) const;
};

/// The command line of this process.
command_line& arguments();

}  // namespace admit::model
