// SPDX-License-Identifier: BSL-1.0
// Two threads end one conversation, and a third thread starts the next one in its slot. One ending
// wins and reads the fields of its conversation. The other does not end the next conversation.
#include "conversation/conversation_word.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::conversation_word word;
admit::core::slot_word slots;
admit::core::plain<int> user;
bool ended[2];
std::uint64_t next;

void holder() {
    user.set(1);
    word.begin();
}

void end(int index) {
    ended[index] = word.end(1);
    if (!ended[index]) return;
    check(user.get() == 1, "the user of this conversation");
    slots.give(1);
}

void first() { end(0); }
void second() { end(1); }

void newcomer() {
    if (!slots.take(1)) return;
    user.set(2);
    next = word.begin();
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    scenario::run<holder, first, second, newcomer>();
    check(!ended[0] || !ended[1], "the conversation ends once");
    check(next == 0 || (next == 3 && word.read().active_as(3)), "the next conversation goes on");
    return 0;
}
