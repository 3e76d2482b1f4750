// SPDX-License-Identifier: BSL-1.0
// The machine that the figures were measured on. Used by the JSON report.
#pragma once

#include <string>

namespace admit::bench {

struct machine {
    std::string processor;
    unsigned cores = 0;
    std::string system;  ///< of the kernel: name, release, architecture
};

machine this_machine();

}  // namespace admit::bench
