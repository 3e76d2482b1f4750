// SPDX-License-Identifier: BSL-1.0
// Histories with waiting requests and drains: the sequential engine explains every interleaving of
// each program. docs/reliability.md#histories.
#include "model/history_program.hpp"

using admit::errc;
using admit::model::explain;
using admit::model::nothing;
using admit::model::recorded_engine;
using history::dropped;

namespace {

constexpr history::limits one_each{.concurrent = 1, .per_user = 1};

}  // namespace

// --- Coming ---------------------------------------------------------------------------------

TEST_CASE("a request comes while the only conversation ends") {
    explain({"wait against end",
             one_each,
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) { e.wait(0, 0, {.user = 1}); },
              [](recorded_engine& e) { e.end(1, 0); }}});
}

TEST_CASE("a request that waits is not overtaken by another user") {
    explain({"wait against end and an attempt of another user",
             one_each,
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) { e.wait(0, 0, {.user = 1}); },
              [](recorded_engine& e) {
                  e.end(1, 0);
                  e.admit(1, 2);
              }}});
    explain({"a blocked request, an end and two attempts",
             one_each,
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 0});
             },
             {[](recorded_engine& e) { e.end(0, 0); },
              [](recorded_engine& e) {
                  e.admit(1, 1);
                  e.admit(1, 2);
              }}});
}

TEST_CASE("a request that waits is not overtaken by its own user") {
    explain({"an end and an attempt while another thread serves",
             {.concurrent = 3, .per_user = 1},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
                 e.wait(0, 0, {.user = 0});
                 e.wait(0, 1, {.user = 1});
             },
             {[](recorded_engine& e) { e.end(0, 1); },
              [](recorded_engine& e) {
                  e.end(1, 0);
                  e.admit(1, 0);
              }}});
}

TEST_CASE("two requests of one user come while one of its conversations ends") {
    explain({"two arrivals against end",
             one_each,
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) { e.wait(0, 0, {.user = 0}); },
              [](recorded_engine& e) { e.wait(1, 1, {.user = 0}); },
              [](recorded_engine& e) { e.end(2, 0); }}},
            1);
}

TEST_CASE("a request of a user who waits already takes no turn of the first") {
    explain({"an end and an attempt while a second request comes",
             one_each,
             [](recorded_engine& e) {
                 e.admit(0, 1);
                 e.wait(0, 0, {.user = 0});
             },
             {[](recorded_engine& e) { e.wait(0, 1, {.user = 0}); },
              [](recorded_engine& e) {
                  e.end(1, 0);
                  e.admit(1, 1);
              }}});
}

TEST_CASE("a slot that was handed over stays for a request that no pass has seen") {
    explain({"a wait, an end of its user, and an attempt",
             one_each,
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) {
                  e.wait(0, 0, {.user = 0});
                  e.admit(0, 1);
              },
              [](recorded_engine& e) { e.end(1, 0); }}},
            3);
    explain({"a wait and an end of its user, while another waits, and an end and an attempt",
             {.concurrent = 2, .per_user = 1},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 2);
                 e.wait(0, 0, {.user = 1});
             },
             {[](recorded_engine& e) {
                  e.wait(0, 1, {.user = 0});
                  e.end(0, 1);
                  e.admit(0, 2);
              },
              [](recorded_engine& e) { e.end(1, 0); }}});
}

// --- The limits of the queue ----------------------------------------------------------------

TEST_CASE("no more requests wait than may, also while they come at once") {
    explain({"three arrivals in a short queue",
             {.concurrent = 1, .per_user = 1, .waiting = 1, .waiting_per_user = 1},
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) { e.wait(0, 0, {.user = 1}); },
              [](recorded_engine& e) { e.wait(1, 1, {.user = 1}); },
              [](recorded_engine& e) { e.wait(2, 2, {.user = 2}); }}},
            1);
}

TEST_CASE("a request that was cancelled does not count in the queue any more") {
    explain({"cancel and wait again while another thread serves",
             {.concurrent = 2, .per_user = 1, .waiting = 2, .waiting_per_user = 1},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
                 e.wait(0, 0, {.user = 0});
                 e.wait(0, 1, {.user = 1});
             },
             {[](recorded_engine& e) { e.end(0, 1); },
              [](recorded_engine& e) {
                  e.withdraw(1, 0);
                  e.wait(1, 2, {.user = 0});
              }}});
}

TEST_CASE("a request that was served does not count in the queue any more") {
    explain({"an end and two arrivals",
             {.concurrent = 1, .per_user = 1, .waiting = 1, .waiting_per_user = 1},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 1});
             },
             {[](recorded_engine& e) { e.end(0, 0); },
              [](recorded_engine& e) {
                  e.wait(1, 1, {.user = 1});
                  e.wait(1, 2, {.user = 2});
              }}});
}

// --- Leaving --------------------------------------------------------------------------------

TEST_CASE("a request is cancelled while a slot comes to it") {
    for (const errc verdict : {history::aborted, errc::wait_timeout, dropped})
        explain({"cancel against end",
                 one_each,
                 [](recorded_engine& e) {
                     e.admit(0, 0);
                     e.wait(0, 0, {.user = 1});
                 },
                 {[](recorded_engine& e) { e.end(0, 0); },
                  [verdict](recorded_engine& e) {
                      e.withdraw(1, 0, verdict);
                      e.admit(1, 2);
                  }}});
}

TEST_CASE("what a request had a claim to when it left is the next one's") {
    explain(
        {"cancel against end and the next request",
         one_each,
         [](recorded_engine& e) {
             e.admit(0, 0);
             e.wait(0, 0, {.user = 1});
             e.wait(0, 1, {.user = 2});
         },
         {[](recorded_engine& e) { e.end(0, 0); }, [](recorded_engine& e) { e.withdraw(1, 0); }}});
}

TEST_CASE("a request is cancelled and timed out at once") {
    explain({"cancel against a time-out and an end",
             one_each,
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 1});
             },
             {[](recorded_engine& e) { e.withdraw(0, 0); },
              [](recorded_engine& e) { e.withdraw(1, 0, errc::wait_timeout); },
              [](recorded_engine& e) { e.end(2, 0); }}},
            1);
}

// --- Order ----------------------------------------------------------------------------------

TEST_CASE("requests of one user are served in order") {
    explain({"two ends and two requests of one user",
             {.concurrent = 2, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 1});
                 e.wait(0, 1, {.user = 1});
             },
             {[](recorded_engine& e) { e.end(0, 0); }, [](recorded_engine& e) { e.end(1, 1); }}});
}

TEST_CASE("users are served in turn") {
    explain({"ends and requests of two users",
             {.concurrent = 1, .per_user = 3},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 1});
                 e.wait(0, 1, {.user = 1});
             },
             {[](recorded_engine& e) {
                  e.end(0, 0);
                  e.end_request(0, 0);
              },
              [](recorded_engine& e) { e.wait(1, 2, {.user = 2}); }}});
}

TEST_CASE("a higher priority goes first, of one user or of another") {
    for (const unsigned user : {1U, 2U})
        explain({"an end and requests of two priorities",
                 {.concurrent = 1, .per_user = 2},
                 [](recorded_engine& e) {
                     e.admit(0, 0);
                     e.wait(0, 0, {.user = 1});
                 },
                 {[user](recorded_engine& e) {
                      e.wait(0, 1, {.user = user, .priority = 3});
                      e.end(0, 0);
                  },
                  [user](recorded_engine& e) {
                      e.wait(1, 2, {.user = user, .priority = 1});
                      e.end_request(1, 1);
                  }}});
}

// --- Limits of a call's own -----------------------------------------------------------------

TEST_CASE("a request is judged by its own limit, and an attempt by its own") {
    explain({"an end, a request and an attempt with limits of their own",
             {.concurrent = 3, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 0, .own_limit = 1});
             },
             {[](recorded_engine& e) {
                  e.end(0, 0);
                  e.end(0, 1);
              },
              [](recorded_engine& e) {
                  e.admit(1, {.user = 0, .own_limit = 3});
                  e.admit(1, {.user = 0});
              }}});
    explain({"a limit of 0 and an unlimited request",
             one_each,
             nothing,
             {[](recorded_engine& e) { e.wait(0, 0, {.user = 0, .own_limit = 0}); },
              [](recorded_engine& e) {
                  e.wait(1, 1, {.user = 0, .own_limit = 254});
                  e.admit(1, {.user = 1, .own_limit = 0});
              }}});
}
