// SPDX-License-Identifier: BSL-1.0
// What the waiting of src/lifecycle is built from, each alone: the combiner, the stack of numbered
// things, the word of a waiter, and the demand for slots.
#include <doctest/doctest.h>

#include <array>
#include <initializer_list>

#include "base/index_stack.hpp"
#include "checker/model_test.hpp"
#include "slots/owed_slots.hpp"
#include "slots/slot_pool.hpp"
#include "waiting/combiner.hpp"
#include "waiting/wait_word.hpp"

namespace model = admit::model;
using admit::core::combiner;
using admit::core::index_stack;
using admit::core::wait_word;

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// A few things on a stack, and the links beside them.
struct numbered_things {
    index_stack stack;
    std::array<index_stack::link, 4> link{};
    std::array<model::plain<unsigned>, 4> owner{};  ///< the thread that popped it may write here

    auto links() {
        return [this](std::uint32_t thing) -> index_stack::link& { return link[thing]; };
    }
    void push(std::uint32_t thing) {
        owner[thing].set(0);
        stack.push(thing, links());
    }
    std::uint32_t pop() {
        const std::uint32_t thing = stack.pop(links());
        if (thing != index_stack::none) owner[thing].set(owner[thing].get() + 1);
        return thing;
    }
    /// What is left, each once.
    unsigned drain(std::initializer_list<std::uint32_t> taken) {
        std::array<unsigned, 4> found{};
        for (const std::uint32_t thing : taken)
            if (thing != index_stack::none) ++found[thing];
        unsigned left = 0;
        for (std::uint32_t thing = pop(); thing != index_stack::none; thing = pop()) {
            model::check(++left <= found.size(), "the stack has an end");
            ++found[thing];
        }
        for (const unsigned times : found) model::check(times <= 1, "nothing is there twice");
        return left;
    }
};

}  // namespace

TEST_CASE("passes never overlap, and see what was left before they were asked for") {
    const auto search = [](const char* name, const model::options& how, unsigned askers) {
        model::explore(name, how, [=] {
            combiner serving;
            model::plain<unsigned> passes;  // a race here is an overlap
            std::array<model::atomic<unsigned>, 3> down{};
            model::plain<unsigned> seen;
            const auto ask = [&](unsigned thread) {
                return [&, thread] {
                    down[thread].store(1, relaxed);
                    serving.run([&] {
                        passes.set(passes.get() + 1);
                        unsigned sum = 0;
                        for (const auto& each : down) sum += each.load(relaxed);
                        seen.set(sum);
                    });
                };
            };
            if (askers == 2)
                model::run({ask(0), ask(1)});
            else
                model::run({ask(0), ask(1), ask(2)});
            model::check(seen.get() == askers, "the last pass sees all of them");
            model::check(passes.get() <= askers, "and no pass is made for nothing");
        });
    };
    search("two ask for a pass", {.preemptions = 5, .stale_reads = 4}, 2);
    search("three ask for a pass", {.preemptions = 4, .stale_reads = 3}, 3);
}

TEST_CASE("a thread that asks for a pass does not wait for a suspended thread inside") {
    model::explore("the combiner is lock-free",
                   {.preemptions = 2, .stale_reads = 1, .lock_freedom = true, .reduce = false}, [] {
                       combiner serving;
                       model::atomic<unsigned> passes{0};
                       const auto ask = [&] { serving.run([&] { passes.fetch_add(1, relaxed); }); };
                       model::run({ask, ask, ask});
                       model::check(passes.load(relaxed) >= 1, "a pass was made");
                   });
}

TEST_CASE("a thing popped, and put back on others, is not popped as if nothing had been") {
    model::explore("pop against pop, pop, push", {.preemptions = 4, .stale_reads = 3}, [] {
        numbered_things t;
        t.push(1);
        t.push(0);
        std::uint32_t one = index_stack::none;
        std::uint32_t other = index_stack::none;
        model::run({[&] { one = t.pop(); },
                    [&] {
                        const std::uint32_t first = t.pop();
                        other = t.pop();
                        if (first != index_stack::none) t.push(first);
                    }});
        const unsigned left = t.drain({one, other});
        const unsigned taken =
            (one == index_stack::none ? 0U : 1U) + (other == index_stack::none ? 0U : 1U);
        model::check(left + taken == 2, "and nothing is lost");
    });
}

TEST_CASE("two that push and one that takes all: each thing is found once") {
    model::explore("push, push, take all", {.preemptions = 3, .stale_reads = 2}, [] {
        numbered_things t;
        std::array<unsigned, 4> found{};
        const auto take_all = [&] {
            for (std::uint32_t thing = t.stack.take_all(); thing != index_stack::none;
                 thing = index_stack::next(thing, t.links())) {
                t.owner[thing].set(1);
                ++found[thing];
            }
        };
        model::run({[&] { t.push(0); }, [&] { t.push(1); }, take_all});
        take_all();
        model::check(found[0] == 1 && found[1] == 1, "both, once");
    });
}

namespace {

/// A waiter in its cell; the thread that won it writes there.
struct waiting_cell {
    wait_word word;
    model::plain<unsigned> writes;
    std::uint64_t generation = 0;

    waiting_cell() {
        writes.set(1);
        generation = word.arm();
    }
};

}  // namespace

TEST_CASE("of the threads that wake a waiter or withdraw it exactly one succeeds") {
    model::explore("claim against claim and withdraw", {.preemptions = 4, .stale_reads = 3}, [] {
        waiting_cell c;
        unsigned winners = 0;
        const auto win = [&](bool won) {
            if (won) ++winners, c.writes.set(c.writes.get() + 1);
        };
        model::run({[&] { win(c.word.claim(c.generation)); },
                    [&] { win(c.word.claim(c.generation)); },
                    [&] { win(c.word.withdraw(c.generation)); }});
        model::check(winners == 1 && c.writes.get() == 2, "one of them");
    });
}

TEST_CASE("a cell's next waiter is not taken for the one before") {
    model::explore("withdraw against the next stay", {.preemptions = 4, .stale_reads = 3}, [] {
        waiting_cell c;
        bool late = false;
        bool next = false;
        model::run({[&] {
                        if (!c.word.claim(c.generation)) return;
                        c.writes.set(2);
                        c.word.finish();
                        c.writes.set(3);
                        const std::uint64_t generation = c.word.arm();
                        next = c.word.withdraw(generation);
                    },
                    [&] { late = c.word.withdraw(c.generation); }});
        model::check(late != next, "the next one is its own to take back");
    });
}

TEST_CASE("a thread that reads a cell and then claims it has read that waiter's data") {
    model::explore("read and claim against reuse", {.preemptions = 3, .stale_reads = 3}, [] {
        wait_word word;
        model::atomic<unsigned> context{0};
        const auto stay = [&](unsigned waiter) {
            context.store(waiter, relaxed);
            return word.arm();
        };
        const std::uint64_t first = stay(1);
        model::run({[&] {
                        if (!word.withdraw(first)) return;
                        word.finish();
                        stay(2);
                    },
                    [&] {
                        const wait_word::snapshot seen = word.read();
                        const unsigned waiter = context.load(relaxed);
                        if (seen.waiting() && word.claim(seen.generation()))
                            model::check(waiter == (seen.generation() == first ? 1U : 2U),
                                         "it belongs to the stay that was claimed");
                    }});
    });
}

TEST_CASE("a thread that sees a claim finished sees what the claimer did") {
    model::explore("finish against a look", {.preemptions = 3, .stale_reads = 2}, [] {
        wait_word word;
        model::plain<int> posted;  // to what goes away when no thread claims any more
        const std::uint64_t stay = word.arm();
        model::run({[&] {
                        if (!word.claim(stay)) return;
                        posted.set(1);
                        word.finish();
                    },
                    [&] {
                        if (word.read().generation() != stay)
                            model::check(posted.get() == 1, "it has posted");
                    }});
    });
}

TEST_CASE("one that leaves while it is being told is finished by one of both") {
    model::explore("leave against claim and release", {.preemptions = 4, .stale_reads = 3}, [] {
        waiting_cell c;
        unsigned finished = 0;
        const auto finish = [&] {
            ++finished;
            c.writes.set(c.writes.get() + 1);
            c.word.finish();
        };
        const auto tell = [&] {
            if (!c.word.claim(c.generation)) return;
            c.writes.set(c.writes.get() + 1);
            if (!c.word.unclaim()) finish();
        };
        model::run({tell, tell, [&] {
                        if (c.word.depart(c.generation)) finish();
                    }});
        model::check(finished == 1, "one of them");
        model::check(!c.word.claim(c.generation), "and no thread refers to it any more");
    });
}

TEST_CASE("a slot given back while one comes to be owed is not left beside the demand") {
    const auto search = [](const char* name, const model::options& how, bool paid) {
        model::explore(name, how, [=] {
            admit::core::slot_pool pool;
            pool.prepare(2, 1, nullptr);
            pool.set_limits({.total = paid ? 2U : 1U, .per_user = 1});
            unsigned home = 0;
            const admit::core::slot_ref held = pool.take(home);
            if (paid) pool.take(home);
            bool got = false;
            bool aside = false;
            model::run(
                {[&] { aside = pool.give(held) == admit::core::slot_pool::given::earmarked; },
                 [&] {
                     pool.owed().add();
                     if (pool.gate().read().full()) return;
                     unsigned won = 0;
                     const admit::core::slot_ref slot = pool.take(won);
                     if (!slot) return;
                     got = pool.owed().pay();
                     if (!got) aside = pool.give(slot) == admit::core::slot_pool::given::earmarked;
                 }});
            model::check(got || aside || !pool.any_free(0), "a thread has it for the waiter");
            model::check(pool.owed().any() == (!got && !aside), "what was owed is met once");
        });
    };
    search("owe against give", {.preemptions = 4, .stale_reads = 3}, false);
    search("owe against give, one slot of two", {.preemptions = 3, .stale_reads = 2}, true);
}

TEST_CASE("a thread that takes a slot after it is owed passes it on") {
    model::explore("owe against take", {.preemptions = 4, .stale_reads = 3, .reduce = false}, [] {
        admit::core::slot_pool pool;
        pool.prepare(1, 1, nullptr);
        pool.set_limits({.total = 1, .per_user = 1});
        bool owed = false;
        model::atomic<int> instant{0};
        model::run({[&] {
                        pool.owed().add();
                        owed = true;
                    },
                    [&] {
                        static_cast<void>(instant.load(relaxed));
                        const bool after = owed;
                        unsigned home = 0;
                        const bool taken = static_cast<bool>(pool.take(home));
                        model::check(taken && (!after || (pool.owed().any() && pool.owed().pay())),
                                     "it is the waiter's");
                    }});
    });
}
