// SPDX-License-Identifier: BSL-1.0
// Memory is bounded by the limit, not by the users ever seen. Each case is compared with the
// resident set before it, so nothing else is in this program.
#include <admit/engine.hpp>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/resident_memory.hpp"
#include "support/sanitizers.hpp"

using support::counts;
using support::resident_memory;

namespace {

/// A user id for each number, without allocating.
class user_text {
public:
    explicit user_text(std::size_t number) {
        size_ = static_cast<std::size_t>(
            std::to_chars(text_ + 6, text_ + sizeof text_, number).ptr - text_);
    }
    operator std::string_view() const { return {text_, size_}; }

private:
    char text_[32] = {'@', 'u', 's', 'e', 'r', ':'};
    std::size_t size_ = 0;
};

constexpr std::int64_t mebibyte = 1 << 20;

}  // namespace

TEST_CASE("ten million users seen once leave nothing behind") {
    admit::engine engine{counts(100, 2)};
    std::vector<admit::permit> held(100);
    std::size_t next = 0;
    const auto see = [&](std::size_t users) {
        for (const std::size_t end = next + users; next < end; ++next) {
            held[next % 100] = admit::permit{};
            held[next % 100] = engine.try_admit(user_text{next}).value();
        }
    };
    see(10'000);
    const std::int64_t before = resident_memory();
    see(support::repetitions(10'000'000, 200'000));
    const std::int64_t growth = resident_memory() - before;
    MESSAGE("growth in bytes: ", growth);
    if (!support::sanitized) CHECK(growth < mebibyte);
    CHECK(engine.stats().admitted == next);
    CHECK(engine.stats().users == 100);
    held.clear();
    CHECK(engine.stats().users == 0);
}

TEST_CASE("a thousand engines one after the other need the memory of one") {
    const auto use_one = [](std::size_t size) {
        admit::engine engine{counts(size, 2)};
        const auto permits = support::admit_strangers(engine, size);
        CHECK(permits.size() == size);
    };
    for (int i = 0; i < 20; ++i) use_one(500);
    const std::int64_t before = resident_memory();
    for (int i = 0; i < support::repetitions(1000, 50); ++i) use_one(500);
    if (!support::sanitized) CHECK(resident_memory() - before < mebibyte);
}

TEST_CASE("ten thousand threads come and go and leave only what they counted") {
    const std::size_t threads = support::repetitions(10'000UL, 1000UL);
    admit::engine engine{counts(100, 2)};
    const auto visit = [&](std::size_t number) {
        std::jthread{[&] {
            auto first = engine.try_admit(user_text{number});
            if (first) first->end(admit::status::error);
            static_cast<void>(engine.try_admit(""));
            const auto second = engine.try_admit("everyone");
        }}.join();
    };
    for (std::size_t i = 0; i < 100; ++i) visit(i);
    const std::int64_t before = resident_memory();
    for (std::size_t i = 0; i < threads; ++i) visit(i);
    if (!support::sanitized) CHECK(resident_memory() - before < mebibyte);
    const auto stats = engine.stats();
    CHECK(stats.admitted == 2 * (threads + 100));
    CHECK(stats.ended.error == threads + 100);
    CHECK(stats.ended.completed == threads + 100);
    CHECK(stats.rejected.invalid_user_id == threads + 100);
    CHECK(stats.active == 0);
}

TEST_CASE("raising and lowering the limits for ever costs nothing more") {
    admit::engine engine{counts(10, 2)};
    const auto swing = [&](int rounds) {
        for (int i = 0; i < rounds; ++i) {
            engine.set_limits(counts(5000, 2));
            engine.set_limits(counts(10, 2));
        }
    };
    swing(3);
    const std::int64_t before = resident_memory();
    swing(support::repetitions(2000, 50));
    if (!support::sanitized) CHECK(resident_memory() - before < mebibyte);
    CHECK(support::admit_strangers(engine, 100).size() == 10);
}

// The last case: its memory would serve the small engines of the others.
TEST_CASE("a slot costs at most 200 bytes, its user's short id included") {
    constexpr std::size_t size = 1'000'000;
    const std::int64_t before = resident_memory();
    admit::engine engine{counts(size, 1)};
    for (std::size_t i = 0; i < size; ++i) engine.try_admit(user_text{i}).value().detach();
    const auto growth = static_cast<double>(resident_memory() - before);
    const double for_each = growth / static_cast<double>(size);
    MESSAGE("bytes for each of 1,000,000 slots: ", for_each);
    CHECK(engine.active_count() == size);
    if (!support::sanitized) CHECK(for_each <= 200);
}
