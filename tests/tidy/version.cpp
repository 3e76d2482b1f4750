// SPDX-License-Identifier: BSL-1.0
// Compares admit/version.hpp with the version that the top meson.build names.
#include <admit/version.hpp>
#include <iostream>
#include <string>

int main() {
    const std::string numbers = std::to_string(ADMIT_VERSION_MAJOR) + '.' +
                                std::to_string(ADMIT_VERSION_MINOR) + '.' +
                                std::to_string(ADMIT_VERSION_PATCH);
    std::cout << "project " << PROJECT_VERSION << ", numbers " << numbers << ", string "
              << admit::version << '\n';
    return numbers == PROJECT_VERSION && std::string{admit::version} == PROJECT_VERSION ? 0 : 1;
}
