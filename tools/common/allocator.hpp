// SPDX-License-Identifier: BSL-1.0
// The memory allocator that a tool is linked with. Used by admit-load, admit-crowd and admit-bench.
#pragma once

#include <string>

namespace admit::tools {

/// Name and version, for reports.
std::string allocator_name();

}  // namespace admit::tools
