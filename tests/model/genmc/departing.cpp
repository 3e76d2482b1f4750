// SPDX-License-Identifier: BSL-1.0
// A waiter departs while two threads claim and wake it. Either the waiter or the claimer finishes
// the cell. The next claimer sees what the last one wrote; a claimer that finishes sees what the
// waiter did.
#include "waiting/wait_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::wait_word word;
admit::core::plain<int> wakes;     // in the cell
admit::core::plain<int> departed;  // written before departing
int finished[3];

void wake(int index) {
    if (!word.claim(0)) return;
    wakes.set(wakes.get() + 1);
    if (word.unclaim()) return;
    check(departed.get() == 1, "the claimer sees what the waiter did");
    finished[index] = 1;
    wakes.set(0);
}

void first() { wake(0); }
void second() { wake(1); }

void waiter() {
    departed.set(1);
    if (!word.depart(0)) return;
    finished[2] = 1;
    wakes.set(0);
}

}  // namespace

int main() {
    word.arm();
    scenario::run<first, second, waiter>();
    check(finished[0] + finished[1] + finished[2] == 1, "one thread finishes the cell");
    check(wakes.get() == 0, "the thread that finishes writes last");
    return 0;
}
