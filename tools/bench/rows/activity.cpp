// What keeps conversations alive and what ends them: touch and expiry.
#include <chrono>

#include "bench/rows/in_use.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t slots = 1'000;
constexpr std::size_t million = 1'000'000;

std::unique_ptr<workload> touching(unsigned threads) {
    const auto where = half_in_use<admit::engine>(slots);
    return loop_of(threads, [&](unsigned thread) {
        auto permit = where->system.try_admit(user_id{thread}.view());
        return [where, mine = std::move(*permit)]() mutable { return mine.touch(); };
    });
}

/// An engine whose million slots are in use, none of them due for hours; both rows share it.
std::shared_ptr<in_use<admit::engine>> a_million_active() {
    static std::weak_ptr<in_use<admit::engine>> shared;
    auto made = shared.lock();
    if (!made) {
        made = std::make_shared<in_use<admit::engine>>(
            admit::limits{.max_concurrent = million, .idle_timeout = 24h, .max_duration = 48h},
            million);
        shared = made;
    }
    return made;
}

bool nothing_expires(admit::engine& engine) {
    return engine.expire(std::chrono::steady_clock::now()) == 0;
}

/// A pass that finds nothing due and knows it from the pass before.
std::unique_ptr<workload> expire_again() {
    return loop_of(1, [](unsigned) {
        return [where = a_million_active()] { return nothing_expires(where->system); };
    });
}

/// A pass that looks at every conversation: the timeouts have changed since the pass before, which
/// voids what that one found out. Only the passes are timed, so it is no plain loop.
class looking_at_all final : public workload {
public:
    std::chrono::nanoseconds run(unsigned, std::uint64_t n) noexcept override {
        std::chrono::nanoseconds took{};
        for (; n > 0; --n) {
            change_timeouts();
            const auto start = std::chrono::steady_clock::now();
            unexpected_ += nothing_expires(where_->system) ? 0U : 1U;
            took += std::chrono::steady_clock::now() - start;
        }
        return took;
    }

    std::uint64_t unexpected() const noexcept override { return unexpected_; }

private:
    void change_timeouts() {
        admit::limits limits = where_->system.limits();
        limits.idle_timeout = limits.idle_timeout == 24h ? 25h : 24h;
        where_->system.set_limits(limits);
    }

    std::shared_ptr<in_use<admit::engine>> where_ = a_million_active();
    std::uint64_t unexpected_ = 0;
};

}  // namespace

void add_activity(catalog& all) {
    for (const unsigned threads : {1U, 2U}) {
        all.rows.push_back(
            {"touch", systems::admit, threads, "touch", [=] { return touching(threads); }});
    }
    all.rows.push_back({"expire", systems::admit, 1, "expire, 1,000,000 active, each looked at",
                        [] { return std::make_unique<looking_at_all>(); }, 1});
    all.rows.push_back({"expire-again", systems::admit, 1,
                        "expire, 1,000,000 active, known not to be due",
                        [] { return expire_again(); }, 1});
    constexpr double most_ns = 200'000;
    all.targets.push_back({"touch", "touch/admit/1", 0.4, std::string(floor_figure)});
    all.targets.push_back({"expire over 1,000,000, each looked at", "expire/admit/1", most_ns, ""});
    all.targets.push_back(
        {"expire over 1,000,000, known not to be due", "expire-again/admit/1", most_ns, ""});
}

}  // namespace admit::bench
