// The command line of admit-load.
#pragma once

#include <optional>
#include <string>

#include "load/settings.hpp"

namespace admit::load {

struct command {
    enum class action { run, list, help, version };

    action what = action::run;
    settings wanted;
    std::optional<std::string> json;  ///< "-" is standard output
    bool quiet = false;
    std::string help;  ///< the text, when it was asked for
};

/// Throws `usage_error` with a message that names the option, its value and what is allowed.
/// Checks each value by itself; whether they go together with a scenario, `plan_runs` knows.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::load
