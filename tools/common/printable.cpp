// SPDX-License-Identifier: BSL-1.0
#include "common/printable.hpp"

#include <fmt/format.h>

#include <iterator>

namespace admit::tools {
namespace {

/// The bytes of the character at the front of `text`, by its first byte; 0: none begins so.
std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

/// The code point of a character of this many bytes; 0 if the bytes are none.
char32_t decoded(std::string_view text, std::size_t length) {
    constexpr unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    char32_t point = static_cast<unsigned char>(text[0]) & masks[length];
    for (std::size_t at = 1; at < length; ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if ((byte & 0xc0) != 0x80) return 0;
        point = point << 6 | (byte & 0x3fU);
    }
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    return point < least[length] || point > 0x10ffff || surrogate ? 0 : point;
}

/// Control characters of both sets, and those that turn the direction of writing.
bool is_control(char32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = length_of(static_cast<unsigned char>(text[0]));
        const bool whole = length > 0 && length <= text.size();
        const bool shown = whole && !is_control(decoded(text, length));
        const std::size_t taken = shown ? length : 1;
        if (shown) {
            out += text.substr(0, taken);
        } else {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                           static_cast<unsigned char>(text[0]));
        }
        text.remove_prefix(taken);
    }
    return out;
}

}  // namespace admit::tools
