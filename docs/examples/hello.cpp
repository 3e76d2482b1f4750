// SPDX-License-Identifier: BSL-1.0
// The program of README.md: two attempts of one user, of which the limit allows one.
#include <admit/engine.hpp>
#include <iostream>

int main() {
    admit::engine engine{admit::limits{.max_concurrent = 20, .max_per_user = 1}};
    auto permit = engine.try_admit("@alice:example.org");
    if (!permit) return 1;                                 // permit.error() says why not
    auto second = engine.try_admit("@alice:example.org");  // alice has a conversation already
    std::cout << "second attempt: " << second.error().message() << '\n';
    permit->touch();  // alice wrote something: the idle timeout begins anew
    permit->end();    // without this line, the destructor of the permit ends the conversation
    return engine.active_count() == 0 ? 0 : 1;
}
