// SPDX-License-Identifier: BSL-1.0
// Records short histories of real threads on the engine in which requests wait for room, are
// cancelled and time out. Each has to be linearizable, and at rest no request is forgotten.
#include "history/check_all.hpp"

using history::check_all;

TEST_CASE("histories in which requests wait are linearizable") {
    check_all({.threads = 2, .users = 3, .waits = 30});
    check_all({.threads = 3, .users = 3, .waits = 30});
    check_all({.threads = 3,
               .calls = 6,
               .users = 2,
               .max_limits = {.concurrent = 1, .per_user = 1},
               .waits = 40});
}

TEST_CASE("histories in which requests are cancelled are linearizable") {
    check_all({.threads = 2, .users = 3, .waits = 30, .cancels = 20});
    check_all({.threads = 3, .users = 3, .waits = 30, .cancels = 20});
}

TEST_CASE("histories in which limits move while requests wait are linearizable") {
    check_all({.threads = 2, .users = 3, .changes = 10, .waits = 30, .cancels = 10});
    check_all({.threads = 3, .users = 3, .changes = 10, .waits = 30, .cancels = 10});
}

TEST_CASE("histories in which the engine is closed while requests wait are linearizable") {
    check_all({.threads = 3, .users = 3, .changes = 5, .closings = 5, .waits = 30, .cancels = 10});
}
