// SPDX-License-Identifier: BSL-1.0
// Numbers in the texts of admit-load. Used by table.cpp and block.cpp.
#pragma once

#include <fmt/format.h>

#include <string>

namespace admit::load {

/// A number of any size in few characters: 0.00031, 0.104, 12.3, 1520.
inline std::string brief(double number) {
    if (number == 0) return "0";
    if (number < 1) return fmt::format("{:#.3g}", number);
    return fmt::format("{:.{}f}", number, number < 100 ? 1 : 0);
}

}  // namespace admit::load
