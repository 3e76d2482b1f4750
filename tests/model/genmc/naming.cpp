// SPDX-License-Identifier: BSL-1.0
// A supervisor is named in its slot while the conversation ends. The supervisor sees the end, or
// the ender sees the name. The name is a word of this scenario, with the orders of
// lifecycle/supervision.cpp.
#include "conversation/conversation_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::conversation_word word;
admit::core::atomic<std::uint64_t> name;
bool still;
bool found;

void supervisor() {
    std::uint64_t none = 0;
    name.compare_exchange_strong(none, 1, admit::core::memory_order_seq_cst,
                                 admit::core::memory_order_relaxed);
    still = word.still(1);
}

void ender() {
    check(word.end(1), "only this thread ends the conversation");
    found = name.load(admit::core::memory_order_seq_cst) == 1;
}

}  // namespace

int main() {
    word.begin();
    scenario::run<supervisor, ender>();
    check(!still || found, "the supervisor or the ender sees the other");
    return 0;
}
