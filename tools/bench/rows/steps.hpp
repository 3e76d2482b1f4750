// The floor: nothing but the atomic steps that the work needs.
#pragma once

#include <memory>

#include "bench/workload.hpp"

namespace admit::bench {

/// Each thread does `steps` atomic read-modify-writes on as many lines of its own.
std::unique_ptr<workload> steps_on_own_lines(unsigned steps, unsigned threads);

/// The same on lines that all threads share.
std::unique_ptr<workload> steps_on_shared_lines(unsigned steps, unsigned threads);

}  // namespace admit::bench
