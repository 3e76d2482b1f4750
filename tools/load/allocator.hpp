// Which allocator this program runs on.
#pragma once

#include <string>

namespace admit::load {

std::string allocator_name();

}  // namespace admit::load
