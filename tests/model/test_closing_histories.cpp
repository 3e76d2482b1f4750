// SPDX-License-Identifier: BSL-1.0
// Histories in which limits move or the engine closes while requests wait, and histories of drains:
// the sequential engine explains every interleaving. docs/reliability.md#histories.
#include "model/history_program.hpp"

using admit::model::explain;
using admit::model::nothing;
using admit::model::recorded_engine;

namespace {

constexpr history::limits one_each{.concurrent = 1, .per_user = 1};

}  // namespace

// --- Limits, closing ------------------------------------------------------------------------

TEST_CASE("a raise of the limit per user lets requests in, and other users where there is room") {
    explain({"a raise of the limit per user and attempts of others",
             {.concurrent = 2, .per_user = 1},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 0});
             },
             {[](recorded_engine& e) { e.set_limits(0, {.concurrent = 2, .per_user = 2}); },
              [](recorded_engine& e) {
                  e.admit(1, 1);
                  e.admit(1, 0);
              }}});
}

TEST_CASE("a raise of both limits lets no call of the user overtake its request") {
    explain({"a raise of both limits and an attempt of the user",
             one_each,
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 0});
             },
             {[](recorded_engine& e) { e.set_limits(0, {.concurrent = 2, .per_user = 2}); },
              [](recorded_engine& e) {
                  e.admit(1, 0);
                  e.admit(1, 1);
              }}});
}

TEST_CASE("a request waits while limits go down, and is served when they go up") {
    explain({"a lowering, a raise and an end",
             {.concurrent = 2, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 1});
             },
             {[](recorded_engine& e) {
                  e.set_limits(0, {.concurrent = 1, .per_user = 1});
                  e.set_limits(0, {.concurrent = 2, .per_user = 1});
              },
              [](recorded_engine& e) { e.end(1, 0); }}});
}

TEST_CASE("a closed engine rejects what waits and what comes") {
    explain({"close against an arrival and an end",
             one_each,
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.wait(0, 0, {.user = 1});
             },
             {[](recorded_engine& e) { e.close(0); },
              [](recorded_engine& e) { e.wait(1, 1, {.user = 2}); },
              [](recorded_engine& e) { e.end(2, 0); }}},
            1);
}

// --- Draining -------------------------------------------------------------------------------

TEST_CASE("a drain ends though an admission is under way when its deadline passes") {
    explain({"a drain and an admission",
             one_each,
             nothing,
             {[](recorded_engine& e) {
                  e.drain(0);
                  e.cut(0);
              },
              [](recorded_engine& e) { e.admit(1, 0); }}});
}

TEST_CASE("a drain tells each conversation that has not ended, once") {
    explain({"two drains and an end",
             {.concurrent = 2, .per_user = 1},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
             },
             {[](recorded_engine& e) {
                  e.drain(0, 0);
                  e.cut(0, 0);
              },
              [](recorded_engine& e) {
                  e.drain(1, 1);
                  e.cut(1, 1);
              },
              [](recorded_engine& e) { e.end(2, 0); }}},
            1);
}
