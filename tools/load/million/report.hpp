// What was measured, for people and for machines.
#pragma once

#include <string>
#include <vector>

#include "load/million/measure.hpp"

namespace admit::load::million {

/// "users who only sleep, limit 10000, heap, glibc"
std::string label_of(const crowd_case& what);

/// What each crowd took, and what admission added to it.
std::string table_report(const std::vector<measured>& all, bool colour);

/// Schema version 1 of the reports of admit-load million.
std::string json_report(const std::vector<measured>& all);

}  // namespace admit::load::million
