// SPDX-License-Identifier: BSL-1.0
// What the library asks of the system and of the processor, by whichever way this build has:
// -Dportable=true builds the others.
#include <doctest/doctest.h>

#include <admit/engine.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "base/bytes.hpp"
#include "base/high_product.hpp"
#include "base/large_array.hpp"
#include "base/sizes.hpp"
#include "support/engines.hpp"
#include "system/large_pages.hpp"
#include "system/random_key.hpp"
#include "system/this_thread.hpp"

using namespace std::chrono_literals;
namespace core = admit::core;

TEST_CASE("the coarse clock is behind the steady clock by its resolution at most") {
    const admit::time_source clock = admit::coarse_clock();
    CHECK(clock.resolution > 0ns);
    CHECK(clock.resolution <= 20ms);
    admit::time_point last = clock.now();
    for (int i = 0; i < 10'000; ++i) {
        const auto before = std::chrono::steady_clock::now();
        const admit::time_point now = clock.now();
        const auto after = std::chrono::steady_clock::now();
        REQUIRE(now >= last);
        REQUIRE(now <= after);
        // Twice: a tick of the system may be late.
        REQUIRE(now >= before - 2 * clock.resolution);
        last = now;
    }
}

TEST_CASE("random keys fill their words") {
    std::uint64_t ever[2] = {};
    std::uint64_t always[2] = {~std::uint64_t{0}, ~std::uint64_t{0}};
    for (int i = 0; i < 200; ++i) {
        const auto key = admit::system::random_key();
        for (std::size_t word = 0; word < 2; ++word) {
            ever[word] |= key[word];
            always[word] &= key[word];
        }
    }
    for (std::size_t word = 0; word < 2; ++word) {
        CHECK(ever[word] == ~std::uint64_t{0});
        CHECK(always[word] == 0);
    }
}

TEST_CASE("an exception unwinds the stack of its own thread") {
    struct look {
        bool& seen;
        bool& seen_elsewhere;
        ~look() {
            seen = admit::system::unwinding(admit::system::this_thread());
            std::thread{[this] {
                seen_elsewhere = admit::system::unwinding(admit::system::this_thread());
            }}.join();
        }
    };
    bool seen = false;
    bool elsewhere = true;
    CHECK_FALSE(admit::system::unwinding(admit::system::this_thread()));
    try {
        const look at_end{seen, elsewhere};
        throw std::runtime_error{"unwinds"};
    } catch (const std::runtime_error&) {
        CHECK_FALSE(admit::system::unwinding(admit::system::this_thread()));
    }
    CHECK(seen);
    CHECK_FALSE(elsewhere);
}

// mingw-w64 may free a thread_local before its destructor runs: this test's, not the library's.
#ifndef __MINGW32__
TEST_CASE("a thread that uses an engine in its last destructors has a valid stripe") {
    struct late_user {
        admit::engine* engine = nullptr;
        unsigned* stripe = nullptr;
        ~late_user() {
            if (engine == nullptr) return;
            static_cast<void>(engine->try_admit("late"));
            *stripe = admit::system::this_thread().stripe;
        }
    };
    admit::engine engine{support::counts(1, 1)};
    for (unsigned i = 0; i < 3 * core::counter_stripes; ++i) {
        unsigned early = ~0U;
        unsigned late = ~0U;
        std::thread{[&] {
            // Made before the thread claims its stripe, so destroyed after the end of the claim.
            thread_local late_user user;
            user.engine = &engine;
            user.stripe = &late;
            static_cast<void>(engine.try_admit("early"));
            early = admit::system::this_thread().stripe;
        }}.join();
        REQUIRE(early < core::counter_stripes);
        REQUIRE(late <= core::counter_stripes);
    }
    CHECK(engine.stats().admitted == 6 * core::counter_stripes);
}
#endif

TEST_CASE("words are loaded and saved with the lowest byte first, on every processor") {
    const char text[] = "abcdefgh";
    CHECK(core::load_word(text) == 0x6867666564636261U);
    CHECK(core::load_bytes("abc", 0) == 0x636261U);
    CHECK(core::load_bytes("abcdefghi", 7) == 0x6968U);
    char saved[8] = {};
    core::save_word(saved, 0x6867666564636261U);
    CHECK(std::equal(saved, saved + 8, text));
}

TEST_CASE("products in parts are below the count, and close to the product of whole words") {
    std::mt19937_64 random{7};
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t hash = i == 0 ? ~std::uint64_t{0} : random();
        const std::uint64_t count = (random() >> random() % 64) | 1;
        const std::uint64_t parts = core::high_product_in_parts(hash, count);
        REQUIRE(parts < count);
        const std::uint64_t product = core::high_product(hash, count);
        REQUIRE(parts <= product);
        REQUIRE(product - parts <= 1 + (count >> 32));
    }
}

TEST_CASE("products in parts spread hashes evenly") {
    constexpr unsigned counts[] = {1, 3, 64, 1000};
    std::mt19937_64 random{8};
    for (const unsigned count : counts) {
        std::vector<unsigned> hits(count);
        for (unsigned i = 0; i < 1000 * count; ++i)
            ++hits.at(static_cast<std::size_t>(core::high_product_in_parts(random(), count)));
        CHECK(*std::min_element(hits.begin(), hits.end()) >= 800);
        CHECK(*std::max_element(hits.begin(), hits.end()) <= 1200);
    }
}

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

// What `large_array` asked for last.
void* advised = nullptr;
std::size_t advised_bytes = 0;
void note_advice(void* block, std::size_t bytes) noexcept {
    advised = block;
    advised_bytes = bytes;
}

struct counted_object {
    counted_object() { ++alive; }
    ~counted_object() { --alive; }
    static inline int alive = 0;
    std::uint64_t value = 7;
};

}  // namespace

TEST_CASE(
    "an array of 8 MiB and more begins at a large page and asks for them, a smaller one never") {
    advised = nullptr;
    const core::large_array<std::uint64_t> small{mib - 1, note_advice};
    CHECK(advised == nullptr);
    const core::large_array<std::uint64_t> large{mib, note_advice};
    CHECK(advised == &large[0]);
    CHECK(advised_bytes == 8 * mib);
    CHECK(reinterpret_cast<std::uintptr_t>(advised) % (2 * mib) == 0);
    for (std::size_t at = 0; at < mib; at += 511) CHECK(large[at] == 0);
}

TEST_CASE("an array makes and destroys each of its objects") {
    for (const std::size_t count : {std::size_t{1}, std::size_t{1000}, 2 * mib}) {
        const core::large_array<counted_object> all{count};
        CHECK(counted_object::alive == static_cast<int>(count));
        CHECK(all[count - 1].value == 7);
    }
    CHECK(counted_object::alive == 0);
}

#if defined(__linux__) && !defined(ADMIT_PORTABLE)
namespace {

/// The flags of the mapping that holds the address, by /proc; empty where there is no such file.
std::string flags_of_mapping(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        char dash = 0;
        if (std::istringstream(line) >> std::hex >> from >> dash >> to && dash == '-')
            inside = from <= wanted && wanted < to;
        if (inside && line.starts_with("VmFlags:")) return line;
    }
    return "";
}

bool wants_large_pages(const void* address) {
    return (flags_of_mapping(address) + ' ').find(" hg ") != std::string::npos;
}

}  // namespace

TEST_CASE("the system knows that large pages are wanted for the users of a large engine") {
    // An emulator, or a kernel without large pages, does not tell.
    void* const direct =
        ::mmap(nullptr, 4 * mib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(direct != MAP_FAILED);
    const bool told = ::madvise(direct, 4 * mib, MADV_HUGEPAGE) == 0 && wants_large_pages(direct);
    ::munmap(direct, 4 * mib);
    if (!told) return;
    const core::large_array<std::uint64_t> table{2 * mib, admit::system::ask_for_large_pages};
    CHECK(wants_large_pages(&table[mib]));
}
#endif
