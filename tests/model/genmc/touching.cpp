// SPDX-License-Identifier: BSL-1.0
// A touch, an expiry of the idle conversation, and the next conversation in the slot. Expiry does
// not end a conversation that was touched, and no touch changes a sealed activity.
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

// As in lifecycle/touching.hpp. The time is 2; the next conversation starts later.
void toucher() {
    const auto seen = activity.read();
    if (!word.read().active_as(1) || seen.sealed()) return;
    // With the activity of the next conversation, the generation would have shown the end.
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
    check(!touched || !sealed, "touched or sealed");
    if (touched)
        check(activity.read().last() == 2 && word.read().active_as(1),
              "the touched conversation goes on");
    if (next)
        check(activity.read().last() == 3 && word.read().active_as(3),
              "the next conversation goes on");
    return 0;
}
