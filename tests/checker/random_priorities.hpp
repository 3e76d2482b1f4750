// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "checker/strategy.hpp"

namespace admit::model {

/// Random schedules after PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010). The
/// enabled thread of the highest random priority runs. At `depth - 1` random steps the running
/// thread gets the lowest priority. Outcomes are random; half of them are the ordinary outcome.
class random_priorities final : public strategy {
public:
    random_priorities(std::uint64_t seed, unsigned depth) : state_(seed), depth_(depth) {}

    void begin_execution() override;
    unsigned pick_thread(std::span<const candidate> candidates, thread_id running,
                         bool yielding) override;
    unsigned pick_outcome(unsigned arity) override;

private:
    std::uint64_t next();
    unsigned below(std::uint64_t limit);
    void lower(thread_id thread) { priorities_[thread] = --lowest_; }
    unsigned pick_suspension(std::span<const candidate> candidates);

    std::uint64_t state_;
    unsigned depth_;
    std::array<std::int64_t, max_threads> priorities_{};
    std::int64_t lowest_ = 0;
    std::vector<unsigned> change_points_;
    unsigned step_ = 0;
    unsigned max_steps_ = 16;  // steps of the longest execution so far
};

}  // namespace admit::model
