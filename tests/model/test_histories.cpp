// SPDX-License-Identifier: BSL-1.0
// Every interleaving of small histories is explained by the sequential engine; and each allowance
// that its specification makes is needed, for without it there is an interleaving that is not.
#include <doctest/doctest.h>

#include "model/history_program.hpp"

using admit::model::explain;
using admit::model::needs;
using admit::model::nothing;
using admit::model::recorded_engine;
using history::allowances;

TEST_CASE("own attempts: one that fails for want of a slot still counts when the other is judged") {
    needs(&allowances::attempts_count, {"attempts of one user",
                                        {.concurrent = 1, .per_user = 1},
                                        [](recorded_engine& e) { e.admit(0, 1); },
                                        {[](recorded_engine& e) { e.admit(0, 0); },
                                         [](recorded_engine& e) {
                                             e.end(1, 0);
                                             e.admit(1, 0);
                                         }}});
}

TEST_CASE("ends under way: the user has room again before the engine has") {
    needs(&allowances::ends_in_progress, {"an end and two admissions",
                                          {.concurrent = 2, .per_user = 1},
                                          [](recorded_engine& e) { e.admit(0, 0); },
                                          {[](recorded_engine& e) { e.end(0, 0); },
                                           [](recorded_engine& e) {
                                               e.admit(1, 0);
                                               e.admit(1, 1);
                                           }}});
}

TEST_CASE(
    "shrinking_holds_slots: a thread that is about to disable a free slot holds it meanwhile") {
    needs(&allowances::shrinking_holds_slots, {"a lowering and an admission",
                                               {.concurrent = 2, .per_user = 1},
                                               nothing,
                                               {[](recorded_engine& e) {
                                                    e.set_limits(0, {1, 1});
                                                },
                                                [](recorded_engine& e) { e.admit(1, 0); }}});
}

TEST_CASE("slots in turn: one new slot is there and the other is not") {
    needs(&allowances::gradual_growth, {"a raise and two admissions",
                                        {.concurrent = 1, .per_user = 1},
                                        [](recorded_engine& e) { e.admit(0, 0); },
                                        {[](recorded_engine& e) {
                                             e.set_limits(0, {3, 1});
                                         },
                                         [](recorded_engine& e) {
                                             e.admit(1, 1);
                                             e.admit(1, 2);
                                         }}});
}

TEST_CASE("judged on entry: closed, or with less for one user, while the call was under way") {
    needs(&allowances::judged_on_entry, {"an admission, close and an end",
                                         {.concurrent = 1, .per_user = 1},
                                         [](recorded_engine& e) { e.admit(0, 1); },
                                         {[](recorded_engine& e) { e.admit(0, 0); },
                                          [](recorded_engine& e) {
                                              e.close(1);
                                              e.end(1, 0);
                                          }}});
    needs(&allowances::judged_on_entry, {"an admission, a lower limit of one user and an end",
                                         {.concurrent = 3, .per_user = 2},
                                         [](recorded_engine& e) {
                                             e.admit(0, 0);
                                             e.admit(0, 0);
                                         },
                                         {[](recorded_engine& e) { e.admit(0, 0); },
                                          [](recorded_engine& e) {
                                              e.set_limits(1, {3, 1});
                                              e.end(1, 0);
                                          }}});
}

TEST_CASE("reasons in turn: at its limit first, and then there was room") {
    needs(&allowances::reasons_in_sequence, {"two attempts and the end that makes room",
                                             {.concurrent = 1, .per_user = 1},
                                             [](recorded_engine& e) { e.admit(0, 1); },
                                             {[](recorded_engine& e) { e.admit(0, 0); },
                                              [](recorded_engine& e) {
                                                  e.admit(1, 0);
                                                  e.end(1, 0);
                                              }}});
}

TEST_CASE("two limits that change are both new or both old") {
    explain({"fewer of all and of one",
             {.concurrent = 4, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
             },
             {[](recorded_engine& e) {
                  e.set_limits(0, {2, 1});
              },
              [](recorded_engine& e) {
                  e.admit(1, 2);
                  e.end(1, 1);
                  e.admit(1, 0);
              }}},
            1);
}

TEST_CASE("two calls that lower the limit at once take no more out of use than one") {
    explain({"the same lower limit twice",
             {.concurrent = 4, .per_user = 1},
             nothing,
             {[](recorded_engine& e) {
                  e.set_limits(0, {2, 1});
                  e.admit(0, 0);
              },
              [](recorded_engine& e) {
                  e.set_limits(1, {2, 1});
              }}},
            1);
}

TEST_CASE("two threads end one conversation, and a third takes its slot") {
    explain({"ends against an admission",
             {.concurrent = 1, .per_user = 1},
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) { e.end(0, 0); }, [](recorded_engine& e) { e.end(1, 0); },
              [](recorded_engine& e) { e.admit(2, 0); }}},
            1);
}

TEST_CASE("three requests for the last slot, of which one gives it back") {
    explain(
        {"three at the last slot",
         {.concurrent = 1, .per_user = 1},
         nothing,
         {[](recorded_engine& e) { e.end(0, e.admit(0, 0)); },
          [](recorded_engine& e) { e.admit(1, 0); }, [](recorded_engine& e) { e.admit(2, 1); }}},
        1);
}

TEST_CASE("limits that two threads move, and an admission") {
    explain({"limits against limits",
             {.concurrent = 2, .per_user = 1},
             nothing,
             {[](recorded_engine& e) {
                  e.set_limits(0, {1, 1});
              },
              [](recorded_engine& e) {
                  e.set_limits(1, {3, 1});
              },
              [](recorded_engine& e) { e.admit(2, 0); }}},
            1);
}

TEST_CASE("a limit that goes down and up again, and endings") {
    explain({"down and up",
             {.concurrent = 2, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
             },
             {[](recorded_engine& e) {
                  e.set_limits(0, {1, 1});
                  e.set_limits(0, {2, 1});
              },
              [](recorded_engine& e) {
                  e.end(1, 0);
                  e.admit(1, 0);
              }}},
            2);
}
