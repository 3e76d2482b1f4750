// SPDX-License-Identifier: BSL-1.0
#include "common/machine.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace admit::tools {
namespace {

std::string processor_name() {
    std::ifstream facts("/proc/cpuinfo");
    for (std::string line; std::getline(facts, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return "unknown";
}

}  // namespace

machine this_machine() {
    utsname kernel{};
    ::uname(&kernel);
    return {processor_name(), std::thread::hardware_concurrency(),
            fmt::format("{} {} {}", kernel.sysname, kernel.release, kernel.machine)};
}

}  // namespace admit::tools
