// SPDX-License-Identifier: BSL-1.0
// Searches in text, for tests of messages.
#pragma once

#include <string_view>

namespace support {

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace support
