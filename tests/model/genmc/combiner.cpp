// SPDX-License-Identifier: BSL-1.0
// Three threads each store a request and ask for a pass. Passes do not overlap, and each pass sees
// what the one before it wrote. Every request is seen by a pass.
#include "waiting/combiner.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::combiner combiner;
admit::core::atomic<int> requests[3];
admit::core::plain<int> seen[3];  // written by passes

void pass() {
    for (int i = 0; i < 3; ++i)
        if (requests[i].load(admit::core::memory_order_relaxed) != 0)
            seen[i].set(seen[i].get() + 1);
}

void ask(int index) {
    requests[index].store(1, admit::core::memory_order_relaxed);
    combiner.run(pass);
}

void first() { ask(0); }
void second() { ask(1); }

void third() { ask(2); }

}  // namespace

int main() {
    scenario::run<first, second, third>();
    for (const auto& each : seen) check(each.get() >= 1, "a pass has seen the request");
    return 0;
}
