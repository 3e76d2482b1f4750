// SPDX-License-Identifier: BSL-1.0
#include "checker/random_priorities.hpp"

#include <algorithm>
#include <cassert>

namespace admit::model {

// The generator is splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t random_priorities::next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

unsigned random_priorities::below(std::uint64_t limit) {
    assert(limit != 0);
    return static_cast<unsigned>(next() % limit);
}

void random_priorities::begin_execution() {
    path_.clear();
    max_steps_ = std::max(max_steps_, step_);
    step_ = 0;
    lowest_ = 0;
    for (auto& priority : priorities_) {
        priority = 1 + static_cast<std::int64_t>(next() >> 2U);
    }
    change_points_.clear();
    for (unsigned i = 1; i < depth_; ++i) {
        change_points_.push_back(below(max_steps_));
    }
}

/// A candidate that suspends the running thread, about once an execution; else their number.
unsigned random_priorities::pick_suspension(std::span<const candidate> candidates) {
    const auto first = std::find_if(candidates.begin(), candidates.end(),
                                    [](const candidate& c) { return c.suspends; });
    if (first == candidates.end() || below(max_steps_) != 0) {
        return static_cast<unsigned>(candidates.size());
    }
    const auto ordinary = static_cast<unsigned>(first - candidates.begin());
    return ordinary + below(candidates.size() - ordinary);
}

unsigned random_priorities::pick_thread(std::span<const candidate> candidates, thread_id running,
                                        bool yielding) {
    const bool change =
        std::find(change_points_.begin(), change_points_.end(), step_) != change_points_.end();
    ++step_;
    if (change || yielding) {
        lower(running);
    }
    unsigned best = pick_suspension(candidates);
    if (best == candidates.size()) {
        best = 0;
        for (unsigned i = 1; i < candidates.size() && !candidates[i].suspends; ++i) {
            if (priorities_[candidates[i].thread] > priorities_[candidates[best].thread]) {
                best = i;
            }
        }
    }
    path_.record(best, static_cast<unsigned>(candidates.size()));
    return best;
}

unsigned random_priorities::pick_outcome(unsigned arity) {
    const unsigned outcome = below(2) == 0 ? 0 : below(arity);
    path_.record(outcome, arity);
    return outcome;
}

}  // namespace admit::model
