// SPDX-License-Identifier: BSL-1.0
// Two threads pop items from a stack, one of them pushes an item back, and a third thread takes
// all. Each item has one holder at a time.
#include "base/index_stack.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using admit::core::index_stack;

index_stack stack;
index_stack::link links[2];
admit::core::plain<int> items[2];

index_stack::link& link_of(std::uint32_t item) { return links[item]; }
void use(std::uint32_t item) { items[item].set(items[item].get() + 1); }

// The item that is pushed back has another item below it than before.
void put_back() {
    const std::uint32_t first = stack.pop(link_of);
    const std::uint32_t second = stack.pop(link_of);
    if (second != index_stack::none) use(second);
    if (first == index_stack::none) return;
    use(first);
    stack.push(first, link_of);
    if (second != index_stack::none) use(second);
}

void pop_two() {
    for (int i = 0; i < 2; ++i)
        if (const std::uint32_t item = stack.pop(link_of); item != index_stack::none) use(item);
}

void take_all() {
    for (std::uint32_t item = stack.take_all(); item != index_stack::none;
         item = index_stack::next(item, link_of))
        use(item);
}

}  // namespace

int main() {
    stack.push(0, link_of);
    stack.push(1, link_of);
    scenario::run<put_back, pop_two, take_all>();
    return 0;
}
