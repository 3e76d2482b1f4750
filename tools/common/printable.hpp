// SPDX-License-Identifier: BSL-1.0
// Text of unknown origin on a terminal. Used by admit-load for ids, file names and values of files.
#pragma once

#include <string>
#include <string_view>

namespace admit::tools {

/// Writes control characters and bytes that are no UTF-8 as \xNN, so that no text moves the cursor,
/// changes colours or ends a line.
std::string printable(std::string_view text);

}  // namespace admit::tools
