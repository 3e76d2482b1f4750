// SPDX-License-Identifier: BSL-1.0
// The machine that figures are measured on. Used by the JSON reports of admit-bench and admit-load.
#pragma once

#include <string>

namespace admit::tools {

struct machine {
    std::string processor;
    unsigned cores = 0;
    std::string system;  ///< of the kernel: name, release, architecture
};

machine this_machine();

}  // namespace admit::tools
