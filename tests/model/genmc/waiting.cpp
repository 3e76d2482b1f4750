// A waiter is armed; one thread claims it, one takes it back, and exactly one of them gets what was
// left in its cell. Who sees that a claim was finished may free what the claimer used.
#include "waiting/wait_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::wait_word word;
admit::core::plain<int> cell;    // of whoever has the waiter
admit::core::plain<int> posted;  // the claimer is done with the waiter's context
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
    if (word.read().generation() == 1) check(posted.get() == 1, "whoever had claimed is done");
}

}  // namespace

int main() {
    scenario::run<waiter, claimer, withdrawer, context>();
    check(!claimed || !withdrawn, "one of them has the waiter");
    return 0;
}
