// SPDX-License-Identifier: BSL-1.0
// Each allowance of the sequential engine for waiting is needed: without it, an interleaving of a
// small program has no explanation. docs/reliability.md#histories.
#include "model/history_program.hpp"

using admit::model::needs;
using admit::model::nothing;
using admit::model::recorded_engine;
using history::allowances;

namespace {

constexpr history::limits one_each{.concurrent = 1, .per_user = 1};

}  // namespace

TEST_CASE("slot_undecided: the slot of an ended conversation is on its way to no request") {
    needs(&allowances::slot_undecided,
          {"an end and an attempt beside a thread that serves",
           {.concurrent = 2, .per_user = 2},
           [](recorded_engine& e) {
               e.admit(0, 0);
               e.admit(0, 0);
               e.set_limits(0, {.concurrent = 2, .per_user = 1});
               e.wait(0, 0, {.user = 0});
           },
           {[](recorded_engine& e) { e.set_limits(0, {.concurrent = 2, .per_user = 1}); },
            [](recorded_engine& e) {
                e.end(1, 0);
                e.admit(1, 2);
            }}});
}

TEST_CASE("grant_under_way: a request that was granted counts as one that waits") {
    needs(&allowances::grant_under_way, {"a cancellation that comes too late, and an attempt",
                                         {.concurrent = 2, .per_user = 2},
                                         [](recorded_engine& e) {
                                             e.admit(0, 1);
                                             e.admit(0, 2);
                                             e.wait(0, 0, {.user = 0});
                                         },
                                         {[](recorded_engine& e) { e.end(0, 0); },
                                          [](recorded_engine& e) {
                                              e.end(1, 1);
                                              e.withdraw(1, 0);
                                              e.admit(1, 0);
                                          }}});
}

TEST_CASE("reason_in_transit: a limit is named while a slot is on its way to a request") {
    needs(&allowances::reason_in_transit, {"a request and an end beside a thread that serves",
                                           one_each,
                                           [](recorded_engine& e) {
                                               e.admit(0, 0);
                                               e.wait(0, 0, {.user = 0});
                                               e.withdraw(0, 0);
                                           },
                                           {[](recorded_engine& e) { e.set_limits(0, one_each); },
                                            [](recorded_engine& e) {
                                                e.wait(1, 1, {.user = 1});
                                                e.admit(1, 1);
                                            },
                                            [](recorded_engine& e) { e.end(2, 0); }}});
}

TEST_CASE("gradual_claims: the limit per user went up, and a request has no claim yet") {
    needs(&allowances::gradual_claims,
          {"a raise of the limit per user and two attempts of another",
           {.concurrent = 3, .per_user = 1},
           [](recorded_engine& e) {
               e.admit(0, 0);
               e.wait(0, 0, {.user = 0});
           },
           {[](recorded_engine& e) { e.set_limits(0, {.concurrent = 3, .per_user = 2}); },
            [](recorded_engine& e) {
                e.admit(1, 1);
                e.admit(1, 1);
            }}});
}

TEST_CASE("turn: the thread that serves has not seen a request that came") {
    needs(&allowances::turn, {"three slots for one user while another waits",
                              {.concurrent = 2, .per_user = 3},
                              [](recorded_engine& e) {
                                  e.admit(0, 0);
                                  e.admit(0, 0);
                                  for (unsigned i = 0; i < 3; ++i) e.wait(0, i, {.user = 1});
                              },
                              {[](recorded_engine& e) { e.end(0, 0); },
                               [](recorded_engine& e) {
                                   e.wait(1, 3, {.user = 2});
                                   e.end(1, 1);
                                   e.end_request(1, 0);
                               }}});
}

TEST_CASE("claim_held_twice: a thread that serves and an attempt take slots for one request") {
    needs(&allowances::claim_held_twice,
          {"a raise of the limit per user and an attempt of another",
           {.concurrent = 3, .per_user = 1},
           [](recorded_engine& e) {
               e.admit(0, 0);
               e.wait(0, 0, {.user = 0});
           },
           {[](recorded_engine& e) { e.set_limits(0, {.concurrent = 3, .per_user = 2}); },
            [](recorded_engine& e) { e.admit(1, 1); }}});
}

TEST_CASE("slot_in_hand: a wait has its claim before its place, an attempt takes the slot before") {
    needs(&allowances::slot_in_hand, {"a wait against an end, an attempt and a wait",
                                      one_each,
                                      [](recorded_engine& e) { e.admit(0, 0); },
                                      {[](recorded_engine& e) { e.wait(0, 0, {.user = 1}); },
                                       [](recorded_engine& e) {
                                           e.end(1, 0);
                                           e.admit(1, 2);
                                           e.wait(1, 1, {.user = 1});
                                       }}});
    needs(&allowances::slot_in_hand, {"an attempt against an attempt and a wait",
                                      one_each,
                                      nothing,
                                      {[](recorded_engine& e) { e.admit(0, 2); },
                                       [](recorded_engine& e) {
                                           e.admit(1, 1);
                                           e.wait(1, 0, {.user = 1});
                                       }}});
}

TEST_CASE("room_hidden: an attempt counts on its user while a request of the user comes") {
    needs(&allowances::room_hidden, {"an attempt against a wait and an attempt of another user",
                                     one_each,
                                     nothing,
                                     {[](recorded_engine& e) { e.admit(0, 0); },
                                      [](recorded_engine& e) {
                                          e.wait(1, 0, {.user = 0});
                                          e.admit(1, 1);
                                      }}});
}

TEST_CASE("leaving_under_way: the slot of an ended conversation was meant for one that left") {
    needs(&allowances::leaving_under_way, {"two cancellations, an end and an attempt",
                                           {.concurrent = 2, .per_user = 1},
                                           [](recorded_engine& e) {
                                               e.admit(0, 0);
                                               e.admit(0, 1);
                                               e.wait(0, 0, {.user = 2});
                                               e.wait(0, 1, {.user = 1});
                                           },
                                           {[](recorded_engine& e) { e.withdraw(0, 1); },
                                            [](recorded_engine& e) {
                                                e.end(1, 0);
                                                e.withdraw(1, 0);
                                                e.admit(1, 0);
                                            }}});
}
