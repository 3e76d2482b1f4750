// A curve as a picture.
#pragma once

#include <string>

#include "bench/catalog.hpp"
#include "bench/figures.hpp"

namespace admit::bench {

/// An SVG element of fixed size: nanoseconds, on a logarithmic scale, against what the curve runs
/// over; a line for each system.
std::string plot(const curve&, const figures&);

}  // namespace admit::bench
