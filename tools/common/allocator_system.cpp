// SPDX-License-Identifier: BSL-1.0
#include "common/allocator.hpp"

namespace admit::tools {

std::string allocator_name() { return "the system's allocator"; }

}  // namespace admit::tools
