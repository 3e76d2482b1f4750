#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checker/options.hpp"

namespace admit::model {

/// What the caller of a test program asked for, by `--name value` or ADMIT_MODEL_NAME=value.
struct command_line {
    std::string replay;                        ///< --replay SEED
    std::optional<unsigned> bound;             ///< --bound N: preemptions
    std::optional<std::uint64_t> executions;   ///< --executions N: limit of each search
    std::optional<std::uint64_t> random;       ///< --random N: random executions after each search
    std::optional<std::uint64_t> random_seed;  ///< --random-seed N
    bool deep = false;                         ///< --deep: wider bounds for a long run

    /// Throws std::invalid_argument for a malformed number.
    static command_line parse(int argc, const char* const* argv);
    [[nodiscard]] options apply(options to) const;
};

/// That of this process.
command_line& arguments();

}  // namespace admit::model
