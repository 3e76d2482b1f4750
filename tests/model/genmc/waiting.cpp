// SPDX-License-Identifier: BSL-1.0
// A waiter is armed. One thread claims it, another withdraws it, and one of both gets the cell. A
// thread that sees the claim finished also sees that the claimer is done with the waiter's context.
#include "waiting/wait_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::wait_word word;
admit::core::plain<int> cell;    // for the claimer or the withdrawer
admit::core::plain<int> posted;  // written by the claimer
bool claimed;
bool withdrawn;

void waiter() {
    cell.set(1);
    word.arm();
}

void claimer() {
    claimed = word.claim(0);
    if (!claimed) return;
    check(cell.get() == 1, "the waiter has filled its cell");
    cell.set(2);
    posted.set(1);
    word.finish();
}

void withdrawer() {
    withdrawn = word.withdraw(0);
    if (!withdrawn) return;
    check(cell.get() == 1, "the waiter has filled its cell");
    cell.set(3);
}

void context() {
    if (word.read().generation() == 1) check(posted.get() == 1, "the claimer is done");
}

}  // namespace

int main() {
    scenario::run<waiter, claimer, withdrawer, context>();
    check(!claimed || !withdrawn, "one thread has the waiter");
    return 0;
}
