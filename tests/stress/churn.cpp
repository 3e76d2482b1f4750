// Threads admit and end as fast as they can; counters outside of the engine judge that no limit is
// ever exceeded, and at rest everything adds up.
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
using support::dice;
using support::outside_count;

namespace {

struct load {
    unsigned threads;
    std::size_t max_concurrent;
    std::size_t max_per_user;
    std::size_t users;
    std::size_t most_held;  // by one thread
    int steps = support::repetitions(800'000, 6'000);
};

/// One engine under load, with what is seen from outside.
class arena {
public:
    explicit arena(const load& load)
        : engine_{counts(load.max_concurrent, load.max_per_user)},
          seen_{load.max_concurrent, load.users, load.max_per_user} {
        for (std::size_t i = 0; i < load.users; ++i) {
            names_.push_back(support::user_number(i));
            keys_.push_back(engine_.key(names_.back()));
        }
    }

    struct held {
        arena* where;
        permit handle;
        std::size_t user;
    };

    void try_one(dice& random, std::deque<held>& mine) {
        const std::size_t user = random.below(names_.size());
        auto answer =
            random.below(2) == 0 ? engine_.try_admit(names_[user]) : engine_.try_admit(keys_[user]);
        if (!answer) {
            ++rejected_[static_cast<std::size_t>(answer.error().value())];
            return;
        }
        seen_.admitted(user);
        mine.push_back({this, std::move(*answer), user});
    }

    static void end_one(dice& random, std::deque<held>& mine) {
        held& oldest = mine.front();
        arena& where = *oldest.where;
        where.seen_.ending(oldest.user);
        switch (random.below(3)) {
            case 0: oldest.handle = permit{}; break;
            case 1:
                if (!oldest.handle.end(admit::status::error)) ++where.wrong_;
                ++where.errors_;
                break;
            default:
                if (!where.engine_.end(oldest.handle.id())) ++where.wrong_;
                break;
        }
        mine.pop_front();
    }

    void check_at_rest() const {
        const auto stats = engine_.stats();
        CHECK(seen_.violations() == 0);
        CHECK(wrong_ == 0);
        CHECK(stats.active == 0);
        CHECK(stats.users == 0);
        CHECK(stats.admitted == seen_.admissions());
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
    outside_count seen_;
    std::array<std::atomic<std::uint64_t>, 5> rejected_{};
    std::atomic<std::uint64_t> errors_{0};
    std::atomic<std::uint64_t> wrong_{0};
};

void run(const load& load, std::vector<arena*> arenas) {
    support::run_together(load.threads, [&](unsigned thread) {
        dice random{thread + 1};
        std::deque<arena::held> mine;
        for (int step = 0; step < load.steps; ++step) {
            arena& where = *arenas[random.below(arenas.size())];
            if (mine.size() < load.most_held && random.below(3) != 0)
                where.try_one(random, mine);
            else if (!mine.empty())
                arena::end_one(random, mine);
        }
        while (!mine.empty()) arena::end_one(random, mine);
    });
}

}  // namespace

TEST_CASE("no limit is exceeded at any instant, and at rest everything adds up") {
    const load loads[] = {
        {.threads = 2, .max_concurrent = 1, .max_per_user = 1, .users = 3, .most_held = 1},
        {.threads = 4, .max_concurrent = 3, .max_per_user = 2, .users = 4, .most_held = 2},
        {.threads = 2, .max_concurrent = 20, .max_per_user = 5, .users = 8, .most_held = 16},
        {.threads = 8, .max_concurrent = 20, .max_per_user = 5, .users = 50, .most_held = 4},
        {.threads = 4, .max_concurrent = 300, .max_per_user = 3, .users = 1000, .most_held = 90},
        {.threads = 4, .max_concurrent = 2500, .max_per_user = 2, .users = 9000, .most_held = 700},
        {.threads = 4, .max_concurrent = 100, .max_per_user = 2, .users = 1, .most_held = 3},
    };
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const load& each : loads) {
            CAPTURE(each.threads);
            CAPTURE(each.max_concurrent);
            arena only{each};
            run(each, {&only});
            only.check_at_rest();
            // Everything is there again.
            const auto permits = support::admit_strangers(only.engine(), each.max_concurrent + 1);
            CHECK(permits.size() == each.max_concurrent);
        }
}

TEST_CASE("two engines with the same users do not know of each other") {
    const load load{
        .threads = 4, .max_concurrent = 6, .max_per_user = 2, .users = 5, .most_held = 4};
    for (int round = 0; round < support::stress_rounds(); ++round) {
        arena first{load};
        arena second{load};
        run(load, {&first, &second});
        first.check_at_rest();
        second.check_at_rest();
    }
}

TEST_CASE("what is asked meanwhile stays within what can be true") {
    const load load{
        .threads = 3, .max_concurrent = 40, .max_per_user = 4, .users = 20, .most_held = 20};
    for (int round = 0; round < support::stress_rounds(); ++round) {
        arena only{load};
        std::atomic<bool> done{false};
        std::atomic<unsigned> wrong{0};
        std::jthread observer{[&] {
            const admit::engine& engine = only.engine();
            while (!done) {
                const auto stats = engine.stats();
                if (stats.active > 40 || stats.users > 40 + 3) ++wrong;
                if (engine.active_count() > 40) ++wrong;
                const auto lines = engine.conversations("user7");
                for (const auto& line : lines)
                    if (line.user != "user7" || line.id.generation % 2 == 0) ++wrong;
                for (const auto& line : engine.conversations())
                    if (line.user.substr(0, 4) != "user" || line.user.size() > 6) ++wrong;
                if (engine.retry_after("user3") < admit::duration::zero()) ++wrong;
            }
        }};
        run(load, {&only});
        done = true;
        observer.join();
        CHECK(wrong == 0);
        only.check_at_rest();
    }
}
