// Takes histories of real threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "history/operation.hpp"
#include "history/subject.hpp"

namespace history {

/// What the threads do, at random.
struct plan {
    unsigned threads = 2;
    unsigned calls = 8;  // of each thread
    unsigned users = 2;
    std::size_t kept = 0;
    std::uint8_t least = 1;  // that the limit on all may be
    limits most{.concurrent = 3, .per_user = 2};
    unsigned changes = 0;  // of 100 calls: of the limits
    unsigned closings = 0;
};

using make_subject = std::function<std::unique_ptr<subject>(limits first, std::size_t kept)>;
using judge = std::function<void(const recording&)>;

/// Takes `count` histories, each of a subject of its own, and shows each to `see`.
void record(const plan&, int count, std::uint64_t seed, const make_subject&, const judge& see);

}  // namespace history
