// One that is told more than once leaves while it is being told. Either it finishes or its claimer
// does; the next claimer sees what the one before it wrote, and who finishes what the leaver did.
#include "waiting/wait_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::wait_word word;
admit::core::plain<int> told;        // in the cell
admit::core::plain<int> last_words;  // of the leaver
int finished[3];

void tell(int me) {
    if (!word.claim(0)) return;
    told.set(told.get() + 1);
    if (word.unclaim()) return;
    check(last_words.get() == 1, "it has done all that it did before it left");
    finished[me] = 1;
    told.set(0);
}

void first() { tell(0); }
void second() { tell(1); }

void leaver() {
    last_words.set(1);
    if (!word.depart(0)) return;
    finished[2] = 1;
    told.set(0);
}

}  // namespace

int main() {
    word.arm();
    scenario::run<first, second, leaver>();
    check(finished[0] + finished[1] + finished[2] == 1, "one of them finishes");
    check(told.get() == 0, "and has the last word");
    return 0;
}
