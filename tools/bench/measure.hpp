// Measures what a catalog lists.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "bench/catalog.hpp"
#include "bench/figures.hpp"

namespace admit::bench {

struct pace {
    std::size_t rounds = 9;    ///< of each row; at least 7
    double seconds = 0.002;    ///< that a round takes at least; short, to be rarely disturbed
    std::size_t attempts = 8;  ///< how often rows of which rounds were dropped are measured again
    bool quick = false;
};

/// Told which group of figures is measured now, and which part of it is done.
using progress = std::function<void(std::string_view, double)>;

/// How many groups there are: each observation and each curve, and all rows together.
std::size_t groups_of(const catalog&);

/// Measures everything in this process. Throws `std::runtime_error` when an operation did not do
/// what its row says, `std::bad_alloc` and what threads throw.
figures measure(const catalog& asked, const pace&, const progress& tell);

}  // namespace admit::bench
