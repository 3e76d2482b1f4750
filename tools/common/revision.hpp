// SPDX-License-Identifier: BSL-1.0
// The commit that a tool is built from. A function, so that a new commit compiles one file again.
#pragma once

#include <string_view>

namespace admit::tools {

/// As `git describe --always --dirty` prints it. "unknown" without git, as in an archive.
std::string_view revision() noexcept;

}  // namespace admit::tools
