// SPDX-License-Identifier: BSL-1.0
#include "common/origin.hpp"

#include <fmt/chrono.h>

#include <chrono>

#include "common/build_info.hpp"
#include "common/revision.hpp"

namespace admit::tools {

origin origin_now() {
    const auto time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return {.tool_version = std::string(tool_version),
            .revision = std::string(revision()),
            .compiler = std::string(compiler),
            .flags = std::string(flags),
            .machine = this_machine(),
            .date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time))};
}

}  // namespace admit::tools
