// A listing reads the user of a conversation while the next one takes its slot. What it believes
// belongs together.
#include "conversation/conversation_word.hpp"
#include "conversation/user_name.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

// Of a name only its first word is read: GenMC does not let words be read as bytes. What is private
// may be named where a template is instantiated.
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
    check(word.end(1), "nobody else ends it");
    slots.give(1);
    check(slots.take(1), "nobody else takes it");
    name.write("b", tail);
    word.begin();
}

void listing() {
    const auto before = word.read();
    if (!before.active()) return;
    std::uint64_t user = 0;
    save_first_word(reinterpret_cast<char*>(&user), name);
    if (word.read().generation != before.generation) return;
    check(user == (before.generation == 1 ? 'a' : 'b'), "the user of this conversation");
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
