// The results as one page for a browser, which needs nothing else.
#pragma once

#include <string>

#include "bench/report/tables.hpp"

namespace admit::bench {

std::string html_page(const results&);

}  // namespace admit::bench
