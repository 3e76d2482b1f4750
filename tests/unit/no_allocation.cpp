// SPDX-License-Identifier: BSL-1.0
// Admission, touch, end, expiry and the cheap queries allocate nothing, also on a thread's first
// call.
#include <admit/engine.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/allocations.hpp"
#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

using admit::errc;
using admit::permit;
using support::counts;
using support::virtual_clock;
using support::allocations::count_in;
using namespace std::chrono_literals;

namespace {

/// Volatile, so that the compiler cannot remove the allocation.
void* volatile sink = nullptr;

/// Counts unexpected results, without a check of doctest that might allocate.
struct result_check {
    unsigned wrong = 0;
    void expect(bool right) noexcept { wrong += right ? 0 : 1; }
};

}  // namespace

TEST_CASE("the replaced allocator counts every kind of allocation") {
    CHECK(count_in([] { sink = new int; }) == 1);
    delete static_cast<int*>(sink);
    CHECK(count_in([] { sink = new int[100]; }) == 1);
    delete[] static_cast<int*>(sink);
    struct alignas(128) wide {
        int value;
    };
    CHECK(count_in([] { sink = new wide; }) == 1);
    delete static_cast<wide*>(sink);
    if (!support::allocations::sees_malloc) return;
    CHECK(count_in([] { sink = std::malloc(10); }) == 1);
    CHECK(count_in([] { sink = std::realloc(sink, 100'000); }) == 1);
    std::free(sink);
    CHECK(count_in([] { sink = std::calloc(10, 10); }) == 1);
    std::free(sink);
    CHECK(count_in([] { sink = std::aligned_alloc(64, 128); }) == 1);
    std::free(sink);
    CHECK(count_in([] {
              void* memory = nullptr;
              static_cast<void>(::posix_memalign(&memory, 64, 128));
              sink = memory;
          }) == 1);
    std::free(sink);
    CHECK(count_in([] {}) == 0);
}

TEST_CASE("admitting, touching and ending allocate nothing") {
    virtual_clock::set(1000s);
    // Engines with and without a summary of groups; ids that a string does and does not store
    // inline.
    for (const std::size_t size : {1UL, 20UL, 5000UL}) {
        admit::engine engine{{.max_concurrent = size, .max_per_user = 1}, virtual_clock::source()};
        const std::string long_id(255, 'x');
        const auto short_key = engine.key("alice");
        const auto long_key = engine.key(long_id);
        result_check ok;
        const auto allocated = count_in([&] {
            for (int i = 0; i < 100; ++i) {
                {
                    auto a = engine.try_admit("alice");
                    ok.expect(a && a->touch());
                    virtual_clock::advance(1ms);
                    ok.expect(a->touch() && engine.touch(a->id()));
                    ok.expect(a->end(admit::status::error) && !a->end());
                }
                {
                    auto b = engine.try_admit(long_id);
                    permit moved = std::move(*b);
                    ok.expect(static_cast<bool>(moved));
                }
                ok.expect(engine.try_admit(short_key).has_value());
                ok.expect(engine.try_admit("alice", {.max_per_user = 2}).has_value());
                ok.expect(engine.try_admit(long_key, {.max_per_user = 0}).error() ==
                          errc::user_limit);
                const auto id = engine.try_admit(long_key)->detach();
                ok.expect(engine.end(id));
            }
        });
        CHECK(allocated == 0);
        CHECK(ok.wrong == 0);
        CHECK(engine.stats().admitted == 500);
    }
}

TEST_CASE("users never seen before allocate nothing") {
    admit::engine engine{counts(5000, 2)};
    std::vector<std::string> users;
    for (std::size_t i = 0; i < 20'000; ++i) users.push_back(support::user_number(i));
    result_check ok;
    std::vector<permit> permits(5000);
    const auto allocated = count_in([&] {
        for (std::size_t i = 0; i < users.size(); ++i) {
            auto granted = engine.try_admit(users[i]);
            ok.expect(granted.has_value() == (i < permits.size()));
            if (granted) permits[i] = std::move(*granted);
        }
        for (permit& each : permits) each = permit{};
        for (const std::string& user : users) ok.expect(engine.try_admit(user).has_value());
    });
    CHECK(allocated == 0);
    CHECK(ok.wrong == 0);
}

TEST_CASE("rejections allocate nothing, for every reason") {
    admit::engine engine{counts(3, 1)};
    admit::engine other{counts(3, 1)};
    const auto key = engine.key("alice");
    const auto foreign = other.key("alice");
    const permit alice = engine.try_admit("alice").value();
    const std::string long_id(256, 'x');
    result_check ok;
    const auto with_room = count_in([&] {
        ok.expect(engine.try_admit("alice").error() == errc::user_limit);
        ok.expect(engine.try_admit(key).error() == errc::user_limit);
        ok.expect(engine.try_admit("").error() == errc::invalid_user_id);
        ok.expect(engine.try_admit(long_id).error() == errc::invalid_user_id);
        ok.expect(engine.try_admit(foreign).error() == errc::invalid_user_id);
    });
    const permit bob = engine.try_admit("bob").value();
    const permit carol = engine.try_admit("carol").value();
    const auto full = count_in([&] {
        ok.expect(engine.try_admit("").error() == errc::global_limit);
        ok.expect(engine.try_admit("alice").error() == errc::global_limit);
        ok.expect(engine.try_admit("dave").error() == errc::global_limit);
        ok.expect(engine.try_admit(key).error() == errc::global_limit);
    });
    engine.set_limits(counts(1, 1));
    const auto lowered =
        count_in([&] { ok.expect(engine.try_admit("dave").error() == errc::global_limit); });
    const auto closed = count_in([&] {
        engine.close();
        ok.expect(engine.try_admit("dave").error() == errc::shutting_down);
        ok.expect(engine.try_admit(key).error() == errc::shutting_down);
    });
    CHECK(with_room == 0);
    CHECK(full == 0);
    CHECK(lowered == 0);
    CHECK(closed == 0);
    CHECK(ok.wrong == 0);
}

TEST_CASE("expiry and the cheap queries allocate nothing") {
    virtual_clock::set(1000s);
    admit::engine engine{{.max_concurrent = 1000, .max_per_user = 1000, .idle_timeout = 10s},
                         virtual_clock::source()};
    for (int i = 0; i < 1000; ++i) engine.try_admit("alice").value().detach();
    result_check ok;
    const auto allocated = count_in([&] {
        ok.expect(engine.expire(virtual_clock::now()) == 0);
        ok.expect(engine.active_count() == 1000 && engine.active_count("alice") == 1000);
        ok.expect(engine.retry_after("alice") == 10s);
        ok.expect(engine.stats().users == 1 && engine.limits().max_concurrent == 1000);
        virtual_clock::advance(10s);
        ok.expect(engine.expire(virtual_clock::now()) == 1000);
    });
    CHECK(allocated == 0);
    CHECK(ok.wrong == 0);
}

TEST_CASE("a permit that outlives its engine is destroyed without allocating") {
    std::optional<admit::engine> engine{counts(3, 3)};
    std::optional<permit> last{engine->try_admit("alice").value()};
    engine.reset();
    CHECK(count_in([&] {
              last->touch();
              last.reset();
          }) == 0);
}

TEST_CASE("the very first call of a thread allocates nothing") {
    virtual_clock::set(1000s);
    admit::engine engine{{.max_concurrent = 8, .max_per_user = 4, .idle_timeout = 1h},
                         virtual_clock::source()};
    const auto key = engine.key("alice");
    std::vector<permit> held;
    for (int i = 0; i < 4; ++i) held.push_back(engine.try_admit("bob").value());
    // More threads than there are cache lines of counters.
    std::vector<std::jthread> waiting;
    std::atomic<bool> done{false};
    for (int round = 0; round < 20; ++round) {
        for (int call = 0; call < 7; ++call) {
            std::uint64_t allocated = 1;
            bool right = false;
            std::jthread{[&] {
                allocated = count_in([&] {
                    switch (call) {
                        case 0: right = engine.try_admit("alice").has_value(); break;
                        case 1: right = engine.try_admit(key).has_value(); break;
                        case 2: right = engine.try_admit("bob").error() == errc::user_limit; break;
                        case 3: right = held.front().touch(); break;
                        case 4: right = held.front().end(admit::status::error); break;
                        case 5: right = engine.expire(virtual_clock::now()) == 0; break;
                        case 6:
                            held.erase(held.begin());
                            right = true;
                            break;
                    }
                });
            }}.join();
            CHECK(allocated == 0);
            CHECK(right);
        }
        held.push_back(engine.try_admit("bob").value());
        for (int i = 0; i < 10; ++i)
            waiting.emplace_back([&] {
                static_cast<void>(engine.try_admit(""));
                done.wait(false);
            });
    }
    done = true;
    done.notify_all();
    waiting.clear();
    CHECK(engine.stats().rejected.invalid_user_id == 200);
}
