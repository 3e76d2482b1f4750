// SPDX-License-Identifier: BSL-1.0
// Parking, time-outs, virtual time and cancellation, and the lost wake-ups that the checker finds.

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;
using namespace std::chrono_literals;

namespace {

/// The waiter stores its id and reads the flag again before it parks. The waker sets the flag and
/// then reads the id. At least one of them must see the other's store: store buffering.
body wake(std::memory_order store, std::memory_order load, bool reads_again) {
    return [=] {
        model::atomic<bool> ready{false};
        model::atomic<int> waiter_id{0};
        model::thread waiter{[&] {
            if (ready.load(acquire)) {
                return;
            }
            waiter_id.store(this_thread(), store);
            if (reads_again && ready.load(load)) {
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

TEST_CASE("a wake-up is lost without the second read, or with orders below seq_cst") {
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

TEST_CASE("advance moves the clock by its argument") {
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

TEST_CASE("unpark and cancel of a thread that was not started are failures") {
    CHECK(contains(failure_of([] { unpark(thread_id{5}); }), "unpark: T5 has not been started"));
    CHECK(contains(failure_of([] { cancel(thread_id{5}); }), "cancel: T5 has not been started"));
}
