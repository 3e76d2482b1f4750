// The report for machines.
#pragma once

#include <string>
#include <vector>

#include "load/runner.hpp"

namespace admit::load {

/// All runs as one JSON document, with a newline at its end. docs/load_testing.md describes it.
std::string json_report(const std::vector<run_result>&);

}  // namespace admit::load
