// The results for machines.
#pragma once

#include <string>

#include "bench/report/tables.hpp"

namespace admit::bench {

std::string json_report(const results&);

}  // namespace admit::bench
