// SPDX-License-Identifier: BSL-1.0
// Runs one crowd in this process. Used by worker_main.cpp.
#pragma once

#include "crowd/crowd_plan.hpp"

namespace admit::crowd {

/// The process must be fresh, because its memory is measured. Throws the exception of a user, or
/// `std::runtime_error` if the statistics of the engine do not match the crowd.
crowd_result run_crowd(const crowd_plan& plan);

}  // namespace admit::crowd
