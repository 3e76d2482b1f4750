// Things are taken from a stack, used and put back, while another thread takes all. Each is in one
// hand at a time.
#include "base/index_stack.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using admit::core::index_stack;

index_stack stack;
index_stack::link links[2];
admit::core::plain<int> things[2];

index_stack::link& link_of(std::uint32_t thing) { return links[thing]; }
void use(std::uint32_t thing) { things[thing].set(things[thing].get() + 1); }

// What comes back has another thing below it than before.
void put_back() {
    const std::uint32_t one = stack.pop(link_of);
    const std::uint32_t other = stack.pop(link_of);
    if (other != index_stack::none) use(other);
    if (one == index_stack::none) return;
    use(one);
    stack.push(one, link_of);
    if (other != index_stack::none) use(other);
}

void keep() {
    for (int i = 0; i < 2; ++i)
        if (const std::uint32_t thing = stack.pop(link_of); thing != index_stack::none) use(thing);
}

void take_all() {
    for (std::uint32_t thing = stack.take_all(); thing != index_stack::none;
         thing = index_stack::next(thing, link_of))
        use(thing);
}

}  // namespace

int main() {
    stack.push(0, link_of);
    stack.push(1, link_of);
    scenario::run<put_back, keep, take_all>();
    return 0;
}
