// SPDX-License-Identifier: BSL-1.0
// Construction and destruction of objects under test, and the first values of persistent objects.

#include <doctest/doctest.h>

#include <memory>

#include "checker/atomic.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

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

TEST_CASE("a destruction that the last use does not happen before is found") {
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

TEST_CASE("an object published by a relaxed store is not constructed for its reader") {
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

TEST_CASE("a captured atomic has its first value in each execution") {
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

TEST_CASE("a static initialised at compile time has its first value in each execution") {
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
