// SPDX-License-Identifier: BSL-1.0
// The smallest program that uses an installed admit. The test builds it in each
// way that a user would.
#include <admit/engine.hpp>
#include <cstdio>

int main() {
    admit::engine engine{admit::limits{.max_concurrent = 1, .max_per_user = 1}};
    auto first = engine.try_admit("a");
    auto second = engine.try_admit("a");
    const bool right = first && !second;
    std::puts(right ? "admitted one of two" : "wrong");
    return right ? 0 : 1;
}
