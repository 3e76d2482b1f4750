// SPDX-License-Identifier: BSL-1.0
// When a context looks again for supervisors to wake. Whatever happens: what a thread left is
// looked at after it asked, a wait's storage belongs to one thread at a time, and in the end
// nothing is pending.
#include <doctest/doctest.h>

#include <array>
#include <new>

#include "checker/model_test.hpp"
#include "lifecycle/retry_schedule.hpp"

namespace model = admit::model;

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr unsigned waits = 3;
constexpr model::thread_id no_thread = 100;

/// What Asio keeps of the timers: an operation in its storage, until the context completes it.
struct wait_operations {
    std::array<model::plain<int>, waits> storage{};
    std::array<model::atomic<bool>, waits> due{};
    model::thread_id without_memory = no_thread;

    void begin(unsigned n) {
        model::check(storage[n].get() == 0, "the storage is free");
        storage[n].set(1);
    }
    void complete(unsigned n) { due[n].store(true, std::memory_order_release); }
    /// For the context's thread. The storage is free before the handler is called.
    bool take(unsigned n) {
        if (!due[n].load(std::memory_order_acquire)) return false;
        due[n].store(false, relaxed);
        storage[n].set(0);
        return true;
    }
    bool at_rest() const { return storage[0].get() + storage[1].get() + storage[2].get() == 0; }
    bool short_of_memory() const { return model::this_thread() == without_memory; }
};

/// The delay may end at any moment, as if threads were as slow.
class timers {
public:
    timers(wait_operations& operations, model::plain<int>& used)
        : operations_{operations}, used_{used} {}

    void wait(unsigned n) {
        used_.set(1);
        if (pending_ == 0 && operations_.short_of_memory()) throw std::bad_alloc{};
        operations_.begin(n);
        order_[pending_++] = n;
    }
    void ring() noexcept {
        used_.set(1);
        model::check(pending_ == 2, "a bell that is rung keeps a wait");
        operations_.complete(order_[0]);
        order_[0] = order_[1];
        --pending_;
    }
    void delay() {
        if (operations_.short_of_memory()) throw std::bad_alloc{};
        operations_.begin(2);
        operations_.complete(2);
    }
    void stop() noexcept {
        for (; pending_ > 0; --pending_) operations_.complete(order_[pending_ - 1]);
    }
    void close() noexcept {
        used_.set(1);
        stop();
    }

private:
    wait_operations& operations_;
    model::plain<int>& used_;  ///< written by each use
    std::array<unsigned, 2> order_{};
    unsigned pending_ = 0;
};

struct context {
    wait_operations operations;
    model::plain<int> used;
    admit::core::retry_schedule<timers> schedule{operations, used};
    model::atomic<int> left{0};
    unsigned vain_looks = 0;  ///< so many looks find that it cannot be done yet
    unsigned found = 0;

    void leave_and_ask() {
        left.store(1, relaxed);
        schedule.ask();
    }
    bool look() {
        if (left.load(relaxed) == 0) return false;
        if (vain_looks > 0) return --vain_looks, true;
        left.store(0, relaxed);
        ++found;
        return false;
    }
    /// What the context's thread does when it comes round. False: nothing.
    bool turn() {
        bool any = false;
        for (unsigned n = 0; n < waits; ++n)
            if (operations.take(n)) {
                schedule.ended(n, [this] { return look(); });
                any = true;
            }
        return any;
    }
    void settle() {
        for (unsigned turns = 0; turn(); ++turns)
            model::check(turns < 20, "the context comes to rest");
    }
    void finish() {
        schedule.leave();
        settle();
        model::check(operations.at_rest(), "nothing is pending");
    }
};

void ask_against_look(const char* name, unsigned vain_looks, bool asker_has_memory) {
    model::explore(name, {.preemptions = 4, .stale_reads = 3}, [=] {
        context c;
        c.vain_looks = vain_looks;
        model::check(c.schedule.enter(), "there is memory");
        const auto ask = [&] {
            if (!asker_has_memory) c.operations.without_memory = model::this_thread();
            if (vain_looks > 1) c.schedule.ask();
            c.schedule.ask();  // in vain
            c.leave_and_ask();
        };
        model::run({ask, [&] { c.turn(), c.turn(); }});
        c.settle();
        model::check(c.found == 1, "what was left was found, once");
        c.finish();
    });
}

}  // namespace

TEST_CASE("what a thread left before it asked is looked at") {
    ask_against_look("ask against look", 0, true);
    ask_against_look("ask, and look twice", 1, true);
    ask_against_look("ask, and look three times", 2, true);
}

TEST_CASE("a thread without memory can ask, whichever thread makes the passes") {
    ask_against_look("ask without memory against look", 0, false);
    ask_against_look("ask without memory, and look twice", 1, false);
}

TEST_CASE("two threads ask, and nothing that they left is lost") {
    model::explore("two ask", {.preemptions = 3, .stale_reads = 2}, [] {
        context c;
        model::atomic<int> other{0};
        model::check(c.schedule.enter(), "there is memory");
        bool found_other = false;
        const auto turn = [&] {
            for (unsigned n = 0; n < waits; ++n)
                if (c.operations.take(n))
                    c.schedule.ended(n, [&] {
                        found_other = found_other || other.load(relaxed) == 1;
                        return c.look();
                    });
        };
        model::run({[&] { c.leave_and_ask(); },
                    [&] {
                        other.store(1, relaxed);
                        c.schedule.ask();
                    },
                    turn});
        for (int i = 0; i < 4; ++i) turn();
        model::check(c.found == 1 && found_other, "both");
        c.finish();
    });
}

TEST_CASE("an operation that begins when the last one ends has a bell") {
    model::explore("enter against leave", {.preemptions = 3, .stale_reads = 2}, [] {
        context c;
        model::check(c.schedule.enter(), "there is memory");
        model::run({[&] { c.schedule.leave(); },
                    [&] {
                        model::check(c.schedule.enter(), "there is memory");
                        c.leave_and_ask();
                    },
                    [&] { c.turn(); }});
        c.settle();
        model::check(c.found == 1, "and is woken by it");
        c.finish();
    });
}

TEST_CASE("an operation without memory for the bell does not begin") {
    model::explore("enter without memory", {.preemptions = 2}, [] {
        context c;
        bool entered = true;
        model::run({[&] {
            c.operations.without_memory = model::this_thread();
            entered = c.schedule.enter();
        }});
        model::check(!entered, "refused");
        model::check(c.schedule.enter(), "and there is memory again");
        c.leave_and_ask();
        c.settle();
        model::check(c.found == 1, "the bell rings");
        c.finish();
    });
}

TEST_CASE("a context without memory comes to rest, and looks again when it is asked to") {
    model::explore("look without memory", {.preemptions = 2}, [] {
        context c;
        model::check(c.schedule.enter(), "there is memory");
        c.vain_looks = 1;
        c.operations.without_memory = model::this_thread();
        c.leave_and_ask();
        c.settle();
        model::check(c.found == 0, "not yet");
        c.schedule.ask();
        c.settle();
        model::check(c.found == 1, "now");
        c.finish();
    });
}

TEST_CASE("no thread uses the timers of a context that is gone") {
    model::explore("close against a pass", {.preemptions = 3, .stale_reads = 2}, [] {
        wait_operations operations;
        model::plain<int> used;
        admit::core::retry_schedule<timers> schedule{operations, used};
        model::check(schedule.enter(), "there is memory");
        model::run({[&] { schedule.ask(); },
                    [&] {
                        schedule.close([] { model::yield(); });
                        used.set(2);
                    }});
    });
}
