// SPDX-License-Identifier: BSL-1.0
// Records thousands of short histories of real threads on the engine. Each has to be linearizable.
#include "history/check_all.hpp"

using history::check_all;

TEST_CASE("histories of admissions and endings are linearizable") {
    check_all({.threads = 2});
    check_all({.threads = 3, .users = 3});
    check_all(
        {.threads = 4, .calls = 6, .users = 2, .max_limits = {.concurrent = 2, .per_user = 1}});
}

TEST_CASE("each user's history is linearizable when only its own limit is in reach") {
    check_all({.threads = 4, .users = 3, .min_concurrent = 64, .max_limits = {.concurrent = 64}},
              true);
    check_all({.threads = 8,
               .calls = 8,
               .users = 3,
               .min_concurrent = 64,
               .max_limits = {.concurrent = 64}},
              true);
}

TEST_CASE("histories of an engine with many slots are linearizable") {
    check_all({.threads = 3, .kept = 250});
    check_all({.threads = 3, .kept = 2500});
}

TEST_CASE("histories in which limits move are linearizable") {
    check_all({.threads = 2, .changes = 10});
    check_all({.threads = 3, .max_limits = {.concurrent = 4, .per_user = 3}, .changes = 20});
    check_all({.threads = 3, .kept = 250, .changes = 20});
}

TEST_CASE("histories in which the engine is closed are linearizable") {
    check_all({.threads = 3, .closings = 5});
    check_all({.threads = 3, .changes = 10, .closings = 5});
}
