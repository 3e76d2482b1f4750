// SPDX-License-Identifier: BSL-1.0
// Records histories of calls that real threads make, for tests/history/histories.cpp and
// checker.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "history/operation.hpp"
#include "history/subject.hpp"

namespace history {

/// Bounds of the random calls that the threads make.
struct plan {
    unsigned threads = 2;
    unsigned calls = 8;  // per thread
    unsigned users = 2;
    std::size_t kept = 0;             // conversations that stay active
    std::uint8_t min_concurrent = 1;  // lowest value of the global limit
    limits max_limits{.concurrent = 3, .per_user = 2};
    unsigned changes = 0;   // of 100 calls, so many are set_limits
    unsigned closings = 0;  // of 100 calls, so many are close
    unsigned waits = 0;     // of 100 calls, so many may wait, until `max_waiters` have begun
    unsigned cancels = 0;   // of 100 calls, so many cancel a request
};

using make_subject = std::function<std::unique_ptr<subject>(limits first, std::size_t kept)>;
using judge = std::function<void(const recording&)>;

/// Records `count` histories, each of a new subject, and passes each to `check`.
void record(const plan&, int count, std::uint64_t seed, const make_subject&, const judge& check);

}  // namespace history
