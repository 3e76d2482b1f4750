#include "load/allocator.hpp"

namespace admit::load {

std::string allocator_name() { return "the system's allocator"; }

}  // namespace admit::load
