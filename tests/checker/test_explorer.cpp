// The checker is checked on classic mistakes that it must find, on correct programs that it must
// pass, and on searches whose size is known.

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/command_line.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/seed.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;
using namespace std::chrono_literals;

// --- Stacks and queues --------------------------------------------------------------------------

namespace {

constexpr std::uint32_t none = 0;

/// Treiber's stack of node numbers. `Versioned` decides whether the head counts its changes, which
/// is what keeps a popped and pushed again node from being mistaken for the same state.
template <bool Versioned>
class stack {
public:
    void push(std::uint32_t node) {
        std::uint64_t head = head_.load(relaxed);
        do {
            next_[node].store(node_of(head), relaxed);
        } while (!head_.compare_exchange_weak(head, successor(head, node), release, relaxed));
    }

    std::uint32_t pop() {
        std::uint64_t head = head_.load(acquire);
        while (node_of(head) != none) {
            const std::uint32_t next = next_[node_of(head)].load(relaxed);
            if (head_.compare_exchange_weak(head, successor(head, next), acquire, acquire)) {
                break;
            }
        }
        return node_of(head);
    }

private:
    static std::uint32_t node_of(std::uint64_t head) { return static_cast<std::uint32_t>(head); }
    static std::uint64_t successor(std::uint64_t head, std::uint32_t node) {
        const std::uint64_t version = Versioned ? (head >> 32U) + 1 : 0;
        return version << 32U | node;
    }

    model::atomic<std::uint64_t> head_{none};
    std::array<model::atomic<std::uint32_t>, 4> next_;
};

/// One thread pops; another pops two and pushes the first back.
template <bool Versioned>
void pop_against_recycling() {
    stack<Versioned> nodes;
    for (const std::uint32_t node : {3U, 2U, 1U}) {
        nodes.push(node);
    }
    std::array<int, 4> owned{};
    run({[&] { ++owned[nodes.pop()]; },
         [&] {
             const std::uint32_t first = nodes.pop();
             const std::uint32_t second = nodes.pop();
             ++owned[second];
             if (first != none) {
                 nodes.push(first);
             }
         }});
    for (std::uint32_t node = nodes.pop(); node != none; node = nodes.pop()) {
        ++owned[node];
    }
    check(owned[1] <= 1 && owned[2] <= 1 && owned[3] <= 1, "no node has two owners");
}

/// A queue whose enqueuers take turns: the textbook case of one that blocks.
class ticket_queue {
public:
    void enqueue(int value) {
        const int ticket = next_.fetch_add(1, relaxed);
        while (serving_.load(acquire) != ticket) {
        }
        items_[static_cast<std::size_t>(size_.get())].set(value);
        size_.set(size_.get() + 1);
        serving_.store(ticket + 1, release);
    }

    [[nodiscard]] int size() const { return size_.get(); }

private:
    model::atomic<int> next_{0};
    model::atomic<int> serving_{0};
    std::array<model::plain<int>, 4> items_;
    model::plain<int> size_{0};
};

/// The same with a spin lock that is always written, so that spinning looks like work.
class locked_counter {
public:
    void increment() {
        while (locked_.exchange(true, acquire)) {
        }
        count_.set(count_.get() + 1);
        locked_.store(false, release);
    }

    [[nodiscard]] int count() const { return count_.get(); }

private:
    model::atomic<bool> locked_{false};
    model::plain<int> count_{0};
};

}  // namespace

TEST_CASE("a stack without versions pops a node that has another successor by now") {
    CHECK(finds(&pop_against_recycling<false>, {.preemptions = 2}));
}

TEST_CASE("a stack with versions has no such problem") {
    CHECK_FALSE(finds(&pop_against_recycling<true>, {.preemptions = 3, .stale_reads = 1}));
}

TEST_CASE("a queue with turns is not lock-free") {
    const auto test = [] {
        ticket_queue queue;
        run({[&] { queue.enqueue(1); }, [&] { queue.enqueue(2); }});
        check(queue.size() == 2, "both are in");
    };
    CHECK_FALSE(finds(test, {.preemptions = 2, .stale_reads = 1}));
    const std::string failure = failure_of(test, {.preemptions = 0, .lock_freedom = true});
    CHECK(contains(failure, "not lock-free"));
    CHECK(finds(test, {.preemptions = 0, .lock_freedom = true}));
}

TEST_CASE("a counter behind a spin lock is not lock-free") {
    const auto test = [] {
        locked_counter counter;
        run({[&] { counter.increment(); }, [&] { counter.increment(); }});
        check(counter.count() == 2, "both were counted");
    };
    CHECK_FALSE(finds(test, {.preemptions = 2, .stale_reads = 1}));
    CHECK(contains(failure_of(test, {.preemptions = 0, .lock_freedom = true}), "not lock-free"));
}

TEST_CASE("pushing to and popping from a linked stack is lock-free") {
    CHECK_FALSE(finds(
        [] {
            stack<true> nodes;
            nodes.push(1);
            run({[&] { nodes.push(2); }, [&] { nodes.push(3); },
                 [&] { static_cast<void>(nodes.pop()); }});
        },
        {.preemptions = 1, .stale_reads = 1, .lock_freedom = true}));
}

TEST_CASE("waiting for a suspended partner is progress only if the test says so") {
    const auto test = [] {
        model::atomic<bool> granted{false};
        model::thread waiter{[&] {
            while (!granted.load(acquire)) {
                park();
            }
        }};
        model::thread partner{[&] {
            granted.store(true, release);
            unpark(waiter);
        }};
        partner.join();
    };
    CHECK(contains(failure_of(test, {.preemptions = 0, .lock_freedom = true}), "not lock-free"));
    CHECK_FALSE(finds(test, {.preemptions = 1, .lock_freedom = true, .parking_is_progress = true}));
}

// --- Waking -------------------------------------------------------------------------------------

namespace {

/// The waiter announces itself and looks again before it parks; the waker sets the flag and looks
/// for waiters. Each must see the other's store if that was first: store buffering.
body wake(std::memory_order store, std::memory_order load, bool looks_again) {
    return [=] {
        model::atomic<bool> ready{false};
        model::atomic<int> waiter_id{0};
        model::thread waiter{[&] {
            if (ready.load(acquire)) {
                return;
            }
            waiter_id.store(this_thread(), store);
            if (looks_again && ready.load(load)) {
                return;
            }
            park();
        }};
        model::thread waker{[&] {
            ready.store(true, store);
            const int id = waiter_id.load(load);
            if (id != 0) {
                unpark(static_cast<thread_id>(id));
            }
        }};
        waker.join();
    };
}

}  // namespace

TEST_CASE("a wake-up is lost without a second look, or with orders below seq_cst") {
    CHECK(contains(failure_of(wake(seq_cst, seq_cst, false)), "deadlock"));
    CHECK(contains(failure_of(wake(release, acquire, true)), "deadlock"));
    CHECK(finds(wake(release, seq_cst, true)));
    CHECK_FALSE(finds(wake(seq_cst, seq_cst, true)));
}

TEST_CASE("unpark before park is remembered once") {
    CHECK_FALSE(finds([] {
        model::thread waiter{[] { park(); }};
        unpark(waiter);
    }));
    CHECK(contains(failure_of([] {
                       model::thread waiter{[] {
                           park();
                           park();
                       }};
                       unpark(waiter);
                       unpark(waiter);
                   }),
                   "deadlock"));
}

TEST_CASE("unpark happens before the return of park") {
    CHECK_FALSE(finds([] {
        model::plain<int> data{0};
        model::thread waiter{[&] {
            park();
            check(data.get() == 1, "written before unpark");
        }};
        data.set(1);
        unpark(waiter);
    }));
}

TEST_CASE("a time-out and an unpark are explored in both orders, and time-outs move the clock") {
    const auto seen = outcomes([] {
        bool unparked = false;
        bool later = false;
        {
            model::thread waiter{[&] {
                unparked = park_until(5ms);
                later = model::clock::now().time_since_epoch() >= 5ms;
            }};
            unpark(waiter);
        }
        return std::vector<int>{unparked, later};
    });
    CHECK(seen == std::set<std::vector<int>>{{0, 1}, {1, 0}});
}

TEST_CASE("the clock moves by what a thread advances it") {
    const auto seen = outcomes([] {
        std::chrono::nanoseconds saw{};
        run({[&] { model::clock::advance(3ns); },
             [&] { saw = model::clock::now().time_since_epoch(); }});
        return std::vector{static_cast<int>(saw.count())};
    });
    CHECK(seen == std::set<std::vector<int>>{{0}, {3}});
}

TEST_CASE("cancellation reaches a thread at each of its cancellation points") {
    const auto seen = outcomes([] {
        int passed = 0;
        {
            model::thread worker{[&] {
                while (passed < 3 && !cancellation_point()) {
                    ++passed;
                }
            }};
            cancel(worker.id());
        }
        return std::vector{passed};
    });
    CHECK(seen == std::set<std::vector<int>>{{0}, {1}, {2}, {3}});
}

TEST_CASE("threads that wait for each other for ever are a livelock") {
    CHECK(contains(failure_of(
                       [] {
                           model::atomic<bool> first{false};
                           model::atomic<bool> second{false};
                           run({[&] {
                                    while (!second.load()) {
                                        yield();
                                    }
                                    first.store(true);
                                },
                                [&] {
                                    while (!first.load()) {
                                        yield();
                                    }
                                    second.store(true);
                                }});
                       },
                       {.preemptions = 0}),
                   "livelock"));
}

TEST_CASE("a thread that spins until another one stores ends, with and without yield") {
    const auto spin = [](bool polite) {
        return [=] {
            model::plain<int> data{0};
            model::atomic<bool> ready{false};
            run({[&] {
                     while (!ready.load(acquire)) {
                         if (polite) {
                             yield();
                         }
                     }
                     check(data.get() == 1, "the message is there");
                 },
                 [&] {
                     data.set(1);
                     ready.store(true, release);
                 }});
        };
    };
    CHECK_FALSE(finds(spin(true), {.preemptions = 2}));
    CHECK_FALSE(finds(spin(false), {.preemptions = 2}));
}

TEST_CASE("a thread is taken to spin only beyond the limit, and the summary says so") {
    const auto looks = [] {
        model::atomic<int> x{0};
        const auto look = [&] {
            for (int i = 0; i < 10; ++i) {
                static_cast<void>(x.load(relaxed));
            }
        };
        run({look, look});
    };
    const exploration ordinary = search("looks", {.preemptions = 1}, looks);
    CHECK(ordinary.forced_yields == 0);
    const exploration suspicious = search("looks", {.preemptions = 1, .spin_limit = 5}, looks);
    CHECK(suspicious.forced_yields > 0);
    CHECK(contains(suspicious.summary(), "taken to spin"));
}

TEST_CASE("a thread that counts while it spins ends as well") {
    CHECK_FALSE(finds(
        [] {
            model::atomic<int> turns{0};
            model::atomic<bool> ready{false};
            run({[&] {
                     while (!ready.load(acquire)) {
                         turns.fetch_add(1, relaxed);
                     }
                 },
                 [&] { ready.store(true, release); }});
        },
        {.preemptions = 0, .stale_reads = 0}));
}

// --- Lifetimes ----------------------------------------------------------------------------------

TEST_CASE("an atomic that is used after its destruction is found") {
    CHECK(finds([] {
        auto shared = std::make_unique<model::atomic<int>>(0);
        model::atomic<bool> done{false};
        run({[&] {
                 done.store(true, relaxed);
                 shared->store(1, relaxed);
             },
             [&] {
                 if (done.load(acquire)) {
                     shared.reset();
                 }
             }});
    }));
}

TEST_CASE("a destruction needs more than that the last use came before it") {
    const auto last_reference = [](std::memory_order order) {
        return [=] {
            struct counted {
                model::atomic<int> references{2};
                model::atomic<int> value{0};
            };
            auto* const shared = new counted;
            const auto drop = [=] {
                shared->value.fetch_add(1, relaxed);
                if (shared->references.fetch_sub(1, order) == 1) {
                    delete shared;
                }
            };
            run({drop, drop});
        };
    };
    CHECK(contains(failure_of(last_reference(relaxed)), "destroyed"));
    CHECK(contains(failure_of(last_reference(release)), "destroyed"));
    CHECK_FALSE(finds(last_reference(acq_rel)));
}

TEST_CASE("an object published by a relaxed store is not yet constructed for who reads it") {
    const auto publish = [](std::memory_order order) {
        return [=] {
            model::atomic<model::atomic<int>*> published{nullptr};
            std::unique_ptr<model::atomic<int>> object;
            run({[&] {
                     object = std::make_unique<model::atomic<int>>(1);
                     published.store(object.get(), order);
                 },
                 [&] {
                     if (auto* const found = published.load(acquire); found != nullptr) {
                         check(found->load(relaxed) == 1, "constructed");
                     }
                 }});
        };
    };
    CHECK(contains(failure_of(publish(relaxed)), "construction"));
    CHECK_FALSE(finds(publish(release)));
}

TEST_CASE("an atomic from outside has its first value again in each execution") {
    model::atomic<int> outside{7};
    CHECK_FALSE(finds([&] {
        check(outside.load(relaxed) == 7, "first value");
        run({[&] { outside.fetch_add(1, relaxed); }, [&] { outside.fetch_add(1, relaxed); }});
        check(outside.load(relaxed) == 9, "two increments");
    }));
}

namespace {
constinit model::atomic<int> at_compile_time{5};
constinit model::plain<int> plain_at_compile_time;
}  // namespace

TEST_CASE("a static initialised at compile time has its first value in each execution as well") {
    CHECK_FALSE(finds([] {
        check(at_compile_time.load(relaxed) == 5, "first value");
        run({[] { at_compile_time.fetch_add(1, relaxed); },
             [] { at_compile_time.fetch_add(1, relaxed); }});
        check(at_compile_time.load(relaxed) == 7, "two increments");
    }));
    CHECK(contains(failure_of([] {
                       const auto write = [] { plain_at_compile_time.set(1); };
                       run({write, write});
                   }),
                   "data race"));
}

TEST_CASE("an atomic has the size of its value and wraps around like it") {
    static_assert(sizeof(model::atomic<std::uint8_t>) == 1);
    static_assert(sizeof(model::atomic<std::uint64_t>) == 8);
    CHECK_FALSE(finds([] {
        model::atomic<std::uint8_t> small{250};
        check(small.fetch_add(10, relaxed) == 250, "old value");
        check(small.load(relaxed) == 4, "wrapped");
        model::atomic<int> negative{-3};
        check(negative.fetch_sub(-5, relaxed) == -3 && negative.load() == 2, "signed");
        std::array<int, 4> array{};
        model::atomic<int*> pointer{array.data()};
        pointer.fetch_add(3, relaxed);
        pointer.fetch_sub(1, relaxed);
        check(pointer.load() == &array[2], "pointer arithmetic");
        enum class state : std::uint16_t { open, closed };
        model::atomic<state> gate{state::open};
        check(gate.exchange(state::closed, acq_rel) == state::open, "enumerations");
        auto expected = state::closed;
        check(gate.compare_exchange_strong(expected, state::open, acq_rel), "compared");
        model::atomic<unsigned> bits{0b1100};
        bits.fetch_and(0b0110);
        bits.fetch_or(0b0001);
        check(bits.fetch_xor(0b1111) == 0b0101 && bits.exchange(1) == 0b1010, "bits");
    }));
}

// --- Searches -----------------------------------------------------------------------------------

TEST_CASE("each alternative of choose is explored") {
    const auto seen = outcomes([] {
        const auto first = static_cast<int>(choose(3));
        return std::vector{first, first == 1 ? static_cast<int>(choose(2)) : 0};
    });
    CHECK(seen == std::set<std::vector<int>>{{0, 0}, {1, 0}, {1, 1}, {2, 0}});
}

TEST_CASE("an uncaught exception is a failure of the execution") {
    CHECK(contains(failure_of([] { throw std::runtime_error{"oops"}; }), "oops"));
}

TEST_CASE("exceptions being handled belong to the thread that handles them") {
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        const auto handle = [&](int own) {
            try {
                throw own;
            } catch (const int caught) {
                x.fetch_add(1);
                check(std::current_exception() != nullptr, "still handled here");
                x.fetch_add(1);
                try {
                    throw;
                } catch (const int again) {
                    check(again == caught && again == own, "the own one");
                }
            }
        };
        run({[&] { handle(1); }, [&] { handle(2); }});
    }));
}

TEST_CASE("a random search finds what needs more preemptions than the exhaustive one may use") {
    options how{.preemptions = 0, .stale_reads = 0, .random_executions = 100'000};
    const exploration found = search("random", how, &pop_against_recycling<false>);
    REQUIRE(found.failed());
    CHECK(found.random_executions > 0);
    const exploration again = replay("random", found.seed, how, &pop_against_recycling<false>);
    CHECK(again.failure == found.failure);
    CHECK(again.interleaving == found.interleaving);
}

TEST_CASE("a random search suspends threads as well") {
    const auto test = [] {
        locked_counter counter;
        run({[&] { counter.increment(); }, [&] { counter.increment(); }});
    };
    options how{.lock_freedom = true, .executions = 0, .random_executions = 100'000};
    CHECK(contains(search("random", how, test).failure, "not lock-free"));
}

TEST_CASE("a printed interleaving tells threads, operations, values, stores and steps") {
    const std::string text = search("printed", exhaustive(), [] {
                                 model::atomic<int> x{0};
                                 name(&x, "x");
                                 run({[&] {
                                          step("before the store");
                                          x.store(5, release);
                                      },
                                      [&] { check(x.load(relaxed) == 0, "unchanged"); }});
                             }).report();
    CHECK(contains(text, "check failed: unchanged"));
    CHECK(contains(text, "step \"before the store\""));
    CHECK(contains(text, "T1      x store release 5  (store #1)"));
    CHECK(contains(text, "T2          x load relaxed = 5  (store #1 by T1)"));
}

TEST_CASE("a seed survives writing and reading") {
    seed made;
    made.test = seed::hash("some test");
    made.reduce = true;
    made.limits = {12, unlimited, 40};
    for (const unsigned index : {0U, 0U, 3U, 0U, 0U, 0U, 0U, 0U, 0U, 40U, 0U}) {
        made.choices.record(index, 41);
    }
    const std::string text = made.encode();
    CHECK(text == seed::hash("some test") + "-dc*E-003Z6.E");
    CHECK(seed::decode(text).encode() == text);
    CHECK_THROWS(seed::decode("nonsense"));
    CHECK_THROWS(seed::decode("0000-d111-Z9"));
    CHECK_THROWS(seed::decode("0000-d111-?"));
}

TEST_CASE("a test that is not deterministic is reported as such") {
    int executions = 0;
    const auto test = [&] {
        model::atomic<int> x{0};
        ++executions;
        const auto increment = [&] { x.fetch_add(1); };
        if (executions % 2 == 0) {
            run({increment});
        } else {
            run({increment, increment, increment});
        }
    };
    CHECK(contains(failure_of(test), "not deterministic"));
}

TEST_CASE("the command line changes the bounds of a test") {
    const std::array arguments{"test", "--bound", "7", "--executions", "11", "--deep"};
    const command_line parsed =
        command_line::parse(static_cast<int>(arguments.size()), arguments.data());
    const options how = parsed.apply({.preemptions = 2, .stale_reads = 1});
    CHECK(how.preemptions == 7);
    CHECK(how.stale_reads == 2);
    CHECK(how.executions == 11);
    CHECK(how.random_executions > 0);
    const std::array wrong{"test", "--bound", "x"};
    CHECK_THROWS(command_line::parse(static_cast<int>(wrong.size()), wrong.data()));
}

// --- Known counts -------------------------------------------------------------------------------

namespace {

std::uint64_t count(const body& test, const options& how) {
    const exploration found = model::search("count", how, test);
    CHECK_MESSAGE(!found.failed(), found.report());
    CHECK(found.complete);
    return found.executions_at_bound;
}

/// `threads` threads that each change the same location `steps` times.
body contention(std::size_t threads, int steps) {
    return [=] {
        model::atomic<int> x{0};
        const auto increment = [&] {
            for (int i = 0; i < steps; ++i) {
                x.fetch_add(1, relaxed);
            }
        };
        if (threads == 2) {
            run({increment, increment});
        } else {
            run({increment, increment, increment});
        }
    };
}

}  // namespace

TEST_CASE("the number of interleavings of dependent steps is the multinomial coefficient") {
    CHECK(count(contention(2, 1), exhaustive()) == 2);
    CHECK(count(contention(2, 3), exhaustive()) == 20);
    CHECK(count(contention(2, 6), exhaustive()) == 924);
    CHECK(count(contention(3, 2), exhaustive()) == 90);
    CHECK(count(contention(3, 4), exhaustive()) == 34'650);
}

TEST_CASE("a preemption bound counts switches away from threads that could go on") {
    // Two threads of three steps: 2 orders without a preemption; with exactly one, either thread
    // first, cut after its step 1 or 2, the rest of it at the end: 4.
    CHECK(count(contention(2, 3), {.preemptions = 0}) == 2);
    CHECK(count(contention(2, 3), {.preemptions = 1}) == 6);
    CHECK(count(contention(2, 3), {.preemptions = 4}) == 20);
}

TEST_CASE("independent steps are explored in one order only") {
    const auto independent = [] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        run({[&] {
                 x.store(1, relaxed);
                 x.store(2, relaxed);
             },
             [&] {
                 y.store(1, relaxed);
                 y.store(2, relaxed);
             }});
    };
    CHECK(count(independent, exhaustive()) == 1);
    options unreduced = exhaustive();
    unreduced.reduce = false;
    CHECK(count(independent, unreduced) == 6);
}

TEST_CASE("a load has one execution for each store that it may read") {
    const auto load_and_two_stores = [] {
        model::atomic<int> x{0};
        run({[&] {
                 x.store(1, relaxed);
                 x.store(2, relaxed);
             },
             [&] { static_cast<void>(x.load(relaxed)); }});
    };
    // Before both stores 1, between them 2, after them 3.
    CHECK(count(load_and_two_stores, exhaustive()) == 6);
    options fresh = exhaustive();
    fresh.stale_reads = 0;
    CHECK(count(load_and_two_stores, fresh) == 3);
}

TEST_CASE("a search that runs out of executions says so") {
    options how = exhaustive();
    how.executions = 10;
    const exploration found = model::search("limited", how, contention(3, 4));
    CHECK_FALSE(found.complete);
    CHECK(found.executions + found.pruned == 10);
    CHECK(contains(found.summary(), "explored 10 executions, incomplete"));
}
