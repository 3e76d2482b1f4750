// SPDX-License-Identifier: BSL-1.0
// The atomic steps of the floor as workloads. Used by rows/floor.cpp and thread_team.cpp.
#pragma once

#include <memory>

#include "bench/workload.hpp"

namespace admit::bench {

/// Each thread does `steps` atomic read-modify-writes, each on a cache line of that thread alone.
std::unique_ptr<workload> steps_on_separate_lines(unsigned steps, unsigned threads);

/// The same on lines that all threads share.
std::unique_ptr<workload> steps_on_shared_lines(unsigned steps, unsigned threads);

}  // namespace admit::bench
