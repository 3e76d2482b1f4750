// The command line of admit-bench.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace admit::bench {

struct command {
    enum class action { measure, run_one, list, help, version };

    action what = action::measure;
    bool quick = false;
    bool check = false;
    bool quiet = false;
    std::size_t rounds = 0;  ///< 0: the default
    std::vector<std::string> only;
    std::optional<std::string> json;  ///< "-" is standard output
    std::optional<std::string> html;  ///< likewise
    std::string run;                  ///< the figure to run without measuring
    std::uint64_t operations = 0;
    std::string help;
};

/// Throws `tools::usage_error` with a message that names the option, its value and what is allowed.
/// Whether the names are those of figures, the catalog knows.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::bench
