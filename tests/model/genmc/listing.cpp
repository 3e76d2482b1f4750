// SPDX-License-Identifier: BSL-1.0
// A listing reads the user's name of a conversation while the next conversation begins in its slot.
// The listing reports a name only together with its own generation.
#include "conversation/conversation_word.hpp"
#include "conversation/user_name.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

// Only the first word of a name is read: GenMC does not support reading words as bytes. An explicit
// instantiation of a template may name private members.
void save_first_word(char* to, const admit::core::user_name& name);
template <auto Save, auto Head>
struct reader_of_names {
    friend void save_first_word(char* to, const admit::core::user_name& name) {
        Save(to, (name.*Head)[0]);
    }
};
template struct reader_of_names<&admit::core::user_name::save_bytes,
                                &admit::core::user_name::head_>;

namespace {

using scenario::check;

admit::core::conversation_word word;
admit::core::user_name name;
admit::core::slot_word slots;
std::uint64_t tail[admit::core::user_name::tail_words];

void newcomer() {
    check(word.end(1), "only this thread ends the conversation");
    slots.give(1);
    check(slots.take(1), "only this thread takes the slot");
    name.write("b", tail);
    word.begin();
}

void listing() {
    const auto before = word.read();
    if (!before.active()) return;
    std::uint64_t user = 0;
    save_first_word(reinterpret_cast<char*>(&user), name);
    if (word.read().generation() != before.generation()) return;
    check(user == (before.generation() == 1 ? 'a' : 'b'), "the user of this conversation");
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    name.write("a", tail);
    word.begin();
    scenario::run<newcomer, listing>();
    return 0;
}
