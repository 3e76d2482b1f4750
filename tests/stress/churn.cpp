// SPDX-License-Identifier: BSL-1.0
// Threads admit and end as fast as they can. Counters outside of the engine show that no limit is
// exceeded at any instant, and that all counts of the idle engine are right.
#include <admit/engine.hpp>
#include <array>
#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

using admit::permit;
using support::counts;
using support::outside_count;
using support::rng;

namespace {

struct load {
    unsigned threads;
    std::size_t max_concurrent;
    std::size_t max_per_user;
    std::size_t users;
    std::size_t max_held;  // per thread
    int steps = support::repetitions(800'000, 6'000);
};

/// One engine under load, with counters outside of it.
class tested_engine {
public:
    explicit tested_engine(const load& load)
        : engine_{counts(load.max_concurrent, load.max_per_user)},
          outside_{load.max_concurrent, load.users, load.max_per_user} {
        for (std::size_t i = 0; i < load.users; ++i) {
            names_.push_back(support::user_number(i));
            keys_.push_back(engine_.key(names_.back()));
        }
    }

    struct held {
        tested_engine* engine;
        permit handle;
        std::size_t user;
    };

    void admit_conversation(rng& random, std::deque<held>& holding) {
        const std::size_t user = random.below(names_.size());
        auto answer =
            random.below(2) == 0 ? engine_.try_admit(names_[user]) : engine_.try_admit(keys_[user]);
        if (!answer) {
            ++rejected_[static_cast<std::size_t>(answer.error().value())];
            return;
        }
        outside_.admitted(user);
        holding.push_back({this, std::move(*answer), user});
    }

    static void end_conversation(rng& random, std::deque<held>& holding) {
        held& oldest = holding.front();
        tested_engine& engine = *oldest.engine;
        engine.outside_.ending(oldest.user);
        switch (random.below(3)) {
            case 0: oldest.handle = permit{}; break;
            case 1:
                if (!oldest.handle.end(admit::status::error)) ++engine.errors_found_;
                ++engine.errors_;
                break;
            default:
                if (!engine.engine_.end(oldest.handle.id())) ++engine.errors_found_;
                break;
        }
        holding.pop_front();
    }

    void check_idle() const {
        const auto stats = engine_.stats();
        CHECK(outside_.violations() == 0);
        CHECK(errors_found_ == 0);
        CHECK(stats.active == 0);
        CHECK(stats.users == 0);
        CHECK(stats.admitted == outside_.admissions());
        CHECK(stats.ended.error == errors_);
        CHECK(stats.ended.total() == stats.admitted);
        CHECK(stats.rejected.global_limit == rejected(admit::errc::global_limit));
        CHECK(stats.rejected.user_limit == rejected(admit::errc::user_limit));
        CHECK(stats.rejected.total() == stats.rejected.global_limit + stats.rejected.user_limit);
    }

    admit::engine& engine() { return engine_; }

private:
    std::uint64_t rejected(admit::errc reason) const {
        return rejected_[static_cast<std::size_t>(reason)];
    }

    admit::engine engine_;
    std::vector<std::string> names_;
    std::vector<admit::user_key> keys_;
    outside_count outside_;
    std::array<std::atomic<std::uint64_t>, 5> rejected_{};
    std::atomic<std::uint64_t> errors_{0};
    std::atomic<std::uint64_t> errors_found_{0};
};

void run(const load& load, std::vector<tested_engine*> engines) {
    support::run_together(load.threads, [&](unsigned thread) {
        rng random{thread + 1};
        std::deque<tested_engine::held> holding;
        for (int step = 0; step < load.steps; ++step) {
            tested_engine& engine = *engines[random.below(engines.size())];
            if (holding.size() < load.max_held && random.below(3) != 0)
                engine.admit_conversation(random, holding);
            else if (!holding.empty())
                tested_engine::end_conversation(random, holding);
        }
        while (!holding.empty()) tested_engine::end_conversation(random, holding);
    });
}

}  // namespace

TEST_CASE("no limit is exceeded at any instant, and all counts are right afterwards") {
    const load loads[] = {
        {.threads = 2, .max_concurrent = 1, .max_per_user = 1, .users = 3, .max_held = 1},
        {.threads = 4, .max_concurrent = 3, .max_per_user = 2, .users = 4, .max_held = 2},
        {.threads = 2, .max_concurrent = 20, .max_per_user = 5, .users = 8, .max_held = 16},
        {.threads = 8, .max_concurrent = 20, .max_per_user = 5, .users = 50, .max_held = 4},
        {.threads = 4, .max_concurrent = 300, .max_per_user = 3, .users = 1000, .max_held = 90},
        {.threads = 4, .max_concurrent = 2500, .max_per_user = 2, .users = 9000, .max_held = 700},
        {.threads = 4, .max_concurrent = 100, .max_per_user = 2, .users = 1, .max_held = 3},
    };
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const load& each : loads) {
            CAPTURE(each.threads);
            CAPTURE(each.max_concurrent);
            tested_engine tested{each};
            run(each, {&tested});
            tested.check_idle();
            // All slots are free again.
            const auto permits = support::admit_strangers(tested.engine(), each.max_concurrent + 1);
            CHECK(permits.size() == each.max_concurrent);
        }
}

TEST_CASE("two engines with the same users do not affect each other") {
    const load load{
        .threads = 4, .max_concurrent = 6, .max_per_user = 2, .users = 5, .max_held = 4};
    for (int round = 0; round < support::stress_rounds(); ++round) {
        tested_engine first{load};
        tested_engine second{load};
        run(load, {&first, &second});
        first.check_idle();
        second.check_idle();
    }
}

TEST_CASE("queries under load give possible answers") {
    const load load{
        .threads = 3, .max_concurrent = 40, .max_per_user = 4, .users = 20, .max_held = 20};
    for (int round = 0; round < support::stress_rounds(); ++round) {
        tested_engine tested{load};
        std::atomic<bool> done{false};
        std::atomic<unsigned> wrong{0};
        std::jthread observer{[&] {
            const admit::engine& engine = tested.engine();
            while (!done) {
                const auto stats = engine.stats();
                if (stats.active > 40 || stats.users > 40 + 3) ++wrong;
                if (engine.active_count() > 40) ++wrong;
                const auto listing = engine.conversations("user7");
                for (const auto& conversation : listing)
                    if (conversation.user != "user7" || conversation.id.generation % 2 == 0)
                        ++wrong;
                for (const auto& conversation : engine.conversations())
                    if (conversation.user.substr(0, 4) != "user" || conversation.user.size() > 6)
                        ++wrong;
                if (engine.retry_after("user3") < admit::duration::zero()) ++wrong;
            }
        }};
        run(load, {&tested});
        done = true;
        observer.join();
        CHECK(wrong == 0);
        tested.check_idle();
    }
}
