// SPDX-License-Identifier: BSL-1.0
#include "history/subject.hpp"

#include <thread>

#include "support/engines.hpp"
#include "support/stress.hpp"

namespace history {

namespace {

/// Yields the processor now and then. An admission reads the clock between taking its slot and
/// beginning its conversation, where a switch of threads is most revealing.
admit::time_point now_after_a_yield() noexcept {
    thread_local support::rng random{std::hash<std::thread::id>{}(std::this_thread::get_id())};
    if (random.below(8) == 0) std::this_thread::yield();
    return admit::time_point{};
}

constexpr admit::time_source yielding_clock{.now = &now_after_a_yield,
                                            .resolution = admit::duration::zero()};

}  // namespace

subject::subject(limits first, std::size_t kept)
    : kept_{kept},
      engine_{with_kept(first), yielding_clock},
      held_{support::admit_strangers(engine_, kept)} {}

answer subject::admit(const std::string& user) {
    auto permit = engine_.try_admit(user);
    if (!permit) return {.reason = static_cast<admit::errc>(permit.error().value()), .id = {}};
    return {.reason = {}, .id = permit->detach()};
}

admit::limits subject::with_kept(limits wanted) const {
    return support::counts(kept_ + wanted.concurrent, wanted.per_user);
}

}  // namespace history
