// SPDX-License-Identifier: BSL-1.0
// Rows of touch and of expiry.
#include <chrono>

#include "bench/rows/occupied.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t slots = 1'000;
constexpr std::size_t expiry_slots = 1'000'000;

std::unique_ptr<workload> touching(unsigned threads) {
    const auto tested = half_occupied<admit::engine>(slots);
    return loop_of(threads, [&](unsigned thread) {
        auto permit = tested->system.try_admit(user_id{thread}.view());
        return [tested, held = std::move(*permit)]() mutable { return held.touch(); };
    });
}

/// An engine with a million occupied slots, none of which is due for hours. Both rows share it.
std::shared_ptr<occupied<admit::engine>> million_active() {
    static std::weak_ptr<occupied<admit::engine>> shared;
    auto made = shared.lock();
    if (!made) {
        made = std::make_shared<occupied<admit::engine>>(
            admit::limits{.max_concurrent = expiry_slots, .idle_timeout = 24h, .max_duration = 48h},
            expiry_slots);
        shared = made;
    }
    return made;
}

bool nothing_expires(admit::engine& engine) {
    return engine.expire(std::chrono::steady_clock::now()) == 0;
}

/// A pass that knows from the previous pass that nothing is due.
std::unique_ptr<workload> passes_without_looking() {
    return loop_of(1, [](unsigned) {
        return [tested = million_active()] { return nothing_expires(tested->system); };
    });
}

/// A pass that looks at every conversation, because the timeouts have changed since the previous
/// pass. It is a workload of its own, because only the passes are timed and not the changes.
class passes_over_all final : public workload {
public:
    std::chrono::nanoseconds run(unsigned, std::uint64_t n) noexcept override {
        std::chrono::nanoseconds took{};
        for (; n > 0; --n) {
            change_timeouts();
            const auto start = std::chrono::steady_clock::now();
            unexpected_ += nothing_expires(tested_->system) ? 0U : 1U;
            took += std::chrono::steady_clock::now() - start;
        }
        return took;
    }

    std::uint64_t unexpected() const noexcept override { return unexpected_; }

private:
    void change_timeouts() {
        admit::limits limits = tested_->system.limits();
        limits.idle_timeout = limits.idle_timeout == 24h ? 25h : 24h;
        tested_->system.set_limits(limits);
    }

    std::shared_ptr<occupied<admit::engine>> tested_ = million_active();
    std::uint64_t unexpected_ = 0;
};

}  // namespace

void add_activity(catalog& all) {
    for (const unsigned threads : {1U, 2U}) {
        all.rows.push_back(
            {"touch", systems::admit, threads, "touch", [=] { return touching(threads); }});
    }
    all.rows.push_back({"expire", systems::admit, 1, "expire, 1,000,000 active, each looked at",
                        [] { return std::make_unique<passes_over_all>(); }, 1});
    all.rows.push_back({"expire-again", systems::admit, 1,
                        "expire, 1,000,000 active, known not to be due",
                        [] { return passes_without_looking(); }, 1});
    constexpr double max_ns = 200'000;
    all.targets.push_back({"touch", "touch/admit/1", 0.4, std::string(floor_figure)});
    all.targets.push_back({"expire over 1,000,000, each looked at", "expire/admit/1", max_ns, ""});
    all.targets.push_back(
        {"expire over 1,000,000, known not to be due", "expire-again/admit/1", max_ns, ""});
}

}  // namespace admit::bench
