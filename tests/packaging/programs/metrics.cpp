// SPDX-License-Identifier: BSL-1.0
// Uses the library admit-metrics as it is installed.
#include <admit/metrics.hpp>
#include <iostream>

int main() {
    admit::engine engine;
    admit::metrics figures;
    figures.add(engine, "bot");
    auto held = engine.try_admit("alice");
    std::cout << figures.Collect().front().name << ' '
              << figures.Collect().front().metric.front().gauge.value << '\n';
    return held ? 0 : 1;
}
