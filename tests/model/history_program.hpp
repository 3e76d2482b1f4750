// SPDX-License-Identifier: BSL-1.0
// Small programs of a few threads. The sequential engine explains all their interleavings:
// test_histories.cpp and test_waiting_histories.cpp, docs/reliability.md#histories.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "checker/model_test.hpp"
#include "model/recorded_engine.hpp"

namespace admit::model {

using actions = std::function<void(recorded_engine&)>;

struct program {
    const char* name;
    history::limits first;
    actions before;  // by the first thread
    std::vector<actions> threads;
};

inline options history_bounds(unsigned preemptions) {
    return {.preemptions = preemptions, .stale_reads = 1, .spurious_failures = 0, .reduce = false};
}

inline void run_program(const program& what, const history::allowances& allowed) {
    recorded_engine engine{what.first};
    what.before(engine);
    {
        std::deque<model::thread> threads;  // which join when they go
        for (const actions& each : what.threads) threads.emplace_back([&] { each(engine); });
    }
    const bool explained = engine.explained(allowed);
    check(explained, explained ? std::string{} : engine.text());
}

/// All interleavings are explained.
inline void explain(const program& what, unsigned preemptions = 2) {
    explore(what.name, history_bounds(preemptions), [&] { run_program(what, {}); });
}

/// Not all are without this allowance, but all with it.
inline void needs(bool history::allowances::*allowance, const program& what,
                  unsigned preemptions = 2) {
    history::allowances all_but_one;
    all_but_one.*allowance = false;
    const auto found =
        search(what.name, history_bounds(preemptions), [&] { run_program(what, all_but_one); });
    CAPTURE(found.summary());
    CHECK(found.failed());
    explain(what, preemptions);
}

inline void nothing(recorded_engine&) {}

}  // namespace admit::model
