// SPDX-License-Identifier: BSL-1.0
// The token bucket and the outbox, with a clock of the test's own.
#include <doctest/doctest.h>

#include "bot/outbox.hpp"

using namespace admit::bot;
using namespace std::chrono_literals;

namespace {

const clock::time_point start = clock::time_point{} + 1h;

std::string next(outbox& from, clock::time_point now = start) {
    return from.next(now).value_or("nothing");
}

}  // namespace

TEST_CASE("a bucket gives its burst at once, and then its rate") {
    token_bucket bucket{3, 2};
    for (int i = 0; i < 3; ++i) CHECK(bucket.take(start));
    CHECK_FALSE(bucket.take(start));
    CHECK(bucket.wait(start) == 500ms);
    CHECK_FALSE(bucket.take(start + 499ms));
    CHECK(bucket.take(start + 500ms));
    CHECK_FALSE(bucket.take(start + 500ms));
}

TEST_CASE("a bucket is never fuller than its burst, and time that runs back does no harm") {
    token_bucket bucket{2, 1};
    CHECK(bucket.wait(start) == 0ms);
    CHECK(bucket.take(start + 1h));
    CHECK(bucket.take(start));
    CHECK_FALSE(bucket.take(start + 1h));
    CHECK(bucket.take(start + 1h + 1s));
}

TEST_CASE("after a wait there is a token, whatever the rate") {
    for (const double rate : {0.1, 0.3, 1.0, 3.0, 7.0, 999.0}) {
        token_bucket bucket{1, rate};
        clock::time_point now = start;
        for (int i = 0; i < 100; ++i) {
            now += bucket.wait(now);
            CHECK(bucket.take(now));
        }
    }
}

TEST_CASE("lines of the protocol go first, notices last") {
    outbox box{token_bucket{10, 1}};
    box.notice(1, "place");
    box.answer("alice", "answer");
    box.protocol("PONG");
    CHECK(next(box) == "PONG");
    CHECK(next(box) == "answer");
    CHECK(next(box) == "place");
    CHECK(box.empty());
    CHECK(next(box) == "nothing");
}

TEST_CASE("nothing is sent without a token") {
    outbox box{token_bucket{1, 1}};
    box.protocol("a");
    box.protocol("b");
    CHECK(next(box) == "a");
    CHECK(next(box) == "nothing");
    CHECK(box.wait(start) == 1s);
    CHECK(next(box, start + 1s) == "b");
}

TEST_CASE("a newer notice takes the place of an unsent one, and a settled one is forgotten") {
    outbox box{token_bucket{10, 1}};
    box.notice(1, "number 3");
    box.notice(2, "number 4");
    box.notice(1, "number 2");
    box.forget_notice(2);
    CHECK(next(box) == "number 2");
    CHECK(box.empty());
}

TEST_CASE("notices are bounded: what is too much is dropped, never an answer") {
    outbox box{token_bucket{10'000, 1}};
    for (std::size_t key = 0; key < 10 * outbox::max_notices; ++key) box.notice(key, "place");
    CHECK(box.answer("alice", "answer"));
    std::size_t sent = 0;
    while (!box.empty()) {
        next(box);
        ++sent;
    }
    CHECK(sent == outbox::max_notices + 1);
}

TEST_CASE("users take turns, and a user that floods the bot fills its own room alone") {
    outbox box{token_bucket{10'000, 1}};
    std::size_t kept = 0;
    for (int i = 0; i < 1000; ++i) kept += box.answer("flooder", "flood") ? 1U : 0U;
    CHECK(kept == outbox::max_of_user);
    CHECK(box.answer("alice", "to alice"));
    CHECK(box.answer("bob", "to bob"));
    CHECK(next(box) == "flood");
    CHECK(next(box) == "to alice");
    CHECK(next(box) == "to bob");
    CHECK(next(box) == "flood");
    CHECK(box.answer("flooder", "room again"));
}

TEST_CASE("answers are bounded over all users, and a cleared outbox has its room again") {
    outbox box{token_bucket{10, 1}};
    std::size_t kept = 0;
    for (std::size_t user = 0; user < 2 * outbox::max_answers; ++user)
        kept += box.answer(std::to_string(user), "line") ? 1U : 0U;
    CHECK(kept == outbox::max_answers);
    box.clear();
    CHECK(box.empty());
    CHECK(box.answer("alice", "line"));
    CHECK(next(box) == "line");
}
