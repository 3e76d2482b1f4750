// SPDX-License-Identifier: BSL-1.0
// admit-load as a process. The environment variable ADMIT_LOAD_TOOL is its path.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "support/process.hpp"

namespace load_tool {

/// Its quoted path.
inline std::string path() { return support::tool_path("ADMIT_LOAD_TOOL"); }

/// Both streams together.
inline support::process_result run(const std::string& arguments) {
    return support::shell(fmt::format("{} {} 2>&1", path(), arguments));
}

/// A folder with one scenario file.
class file_in_folder {
public:
    explicit file_in_folder(const std::string& text) { std::ofstream(path()) << text; }
    std::string path() const { return (folder_ / "bot.toml").string(); }
    std::string report() const { return (folder_ / "report.json").string(); }
    support::process_result run_it(const std::string& options = "") const {
        return load_tool::run(fmt::format("run '{}' {}", path(), options));
    }

private:
    support::temporary_folder folder_;
};

}  // namespace load_tool
