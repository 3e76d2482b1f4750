// A touch against the expiry for idleness, and against the conversation that follows in the slot. A
// touch that succeeds is not overlooked, and none revives what is doomed.
#include "conversation/activity.hpp"
#include "conversation/conversation_word.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::conversation_word word;
admit::core::activity activity;
admit::core::slot_word slots;
bool touched;
bool sealed;
bool next;

// As in lifecycle/conversations.hpp. The clock says 2; the next conversation starts at 2 or later.
void toucher() {
    const auto seen = activity.read();
    if (!word.read().active_as(1) || seen.sealed()) return;
    // Of the next conversation the second look would have shown that this one has ended.
    check(seen.last() == 1, "the activity of this conversation");
    touched = activity.advance(seen, 2);
}

void expirer() {
    const auto seen = activity.read();
    if (!word.read().active_as(1) || seen.last() != 1) return;
    sealed = activity.seal(seen);
    if (sealed && word.end(1)) slots.give(1);
}

void newcomer() {
    if (!slots.take(1)) return;
    activity.start(3);
    word.begin();
    next = true;
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    activity.start(1);
    word.begin();
    scenario::run<toucher, expirer, newcomer>();
    check(!touched || !sealed, "touched or doomed");
    if (touched) check(activity.read().last() == 2 && word.read().active_as(1), "it goes on");
    if (next) check(activity.read().last() == 3 && word.read().active_as(3), "so does the next");
    return 0;
}
