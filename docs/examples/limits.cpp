// SPDX-License-Identifier: BSL-1.0
// Limits that change while the bot runs, and a value that is refused. Explained in
// docs/guide/limits.md.
#include <admit/engine.hpp>
#include <chrono>
#include <iostream>
#include <stdexcept>

using namespace std::chrono_literals;

// What an operator's command would call: false when the value is out of range.
bool set_max_concurrent(admit::engine& engine, std::size_t count) {
    admit::limits limits = engine.limits();
    limits.max_concurrent = count;
    try {
        engine.set_limits(limits);
    } catch (const std::invalid_argument& refused) {
        std::cout << refused.what() << '\n';  // names the field, the value and the range
        return false;
    }
    std::cout << "max_concurrent is " << engine.limits().max_concurrent << '\n';
    return true;
}

int main() {
    admit::engine engine{
        admit::limits{.max_concurrent = 20, .max_per_user = 2, .idle_timeout = 2min}};
    auto alice = engine.try_admit("alice");
    auto bob = engine.try_admit("bob");
    auto carol = engine.try_admit("carol");

    set_max_concurrent(engine, 2);  // three are active: all go on, and no other may start
    std::cout << engine.active_count() << " active\n";
    carol->end();
    auto dave = engine.try_admit("dave");  // two are active: still full
    std::cout << "dave: " << (dave ? "admitted" : "rejected") << '\n';
    bob->end();
    dave = engine.try_admit("dave");
    std::cout << "dave: " << (dave ? "admitted" : "rejected") << '\n';

    const bool refused = !set_max_concurrent(engine, 3'000'000);
    return refused && engine.limits().max_concurrent == 2 ? 0 : 1;
}
