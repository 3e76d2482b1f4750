// Three threads put something down and ask for a pass. Passes do not overlap, each sees what the
// one before it did, and in the end one has seen everything.
#include "waiting/combiner.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::combiner combiner;
admit::core::atomic<int> put_down[3];
admit::core::plain<int> picked_up[3];  // of the pass

void pass() {
    for (int i = 0; i < 3; ++i)
        if (put_down[i].load(admit::core::memory_order_relaxed) != 0)
            picked_up[i].set(picked_up[i].get() + 1);
}

void ask(int me) {
    put_down[me].store(1, admit::core::memory_order_relaxed);
    combiner.run(pass);
}

void first() { ask(0); }
void second() { ask(1); }

void third() {
    put_down[2].store(1, admit::core::memory_order_relaxed);
    if (combiner.try_enter())
        combiner.drain(pass);
    else
        combiner.run(pass);
}

}  // namespace

int main() {
    scenario::run<first, second, third>();
    for (const auto& each : picked_up) check(each.get() >= 1, "a pass has seen it");
    return 0;
}
