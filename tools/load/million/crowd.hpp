// A crowd of users, all of them alive at once, each a coroutine.
#pragma once

#include "load/million/crowd_plan.hpp"

namespace admit::load::million {

/// Runs the crowd in this process, which should have done nothing before: its memory is measured.
/// Throws what a user threw, or `std::runtime_error` when the engine's figures are not the crowd's.
crowd_result run_crowd(const crowd_plan& plan);

}  // namespace admit::load::million
