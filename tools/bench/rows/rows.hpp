// SPDX-License-Identifier: BSL-1.0
// Each file in rows/ adds one group of figures to the catalog. Used by catalog.cpp.
#pragma once

#include "bench/catalog.hpp"

namespace admit::bench {

void add_floor(catalog&);
void add_admission(catalog&);
void add_cold(catalog&);
void add_rejection(catalog&);
void add_activity(catalog&);
void add_fairness(catalog&);
void add_memory(catalog&);
void add_waiting(catalog&);
void add_blocked(catalog&, const extent&);
void add_growth(catalog&, const extent&);

}  // namespace admit::bench
