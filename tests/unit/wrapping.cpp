// SPDX-License-Identifier: BSL-1.0
// Versions that wrap leave the rest of their word alone. To wrap them by use takes minutes or
// hours, so these tests write the words as they are just before.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

#include "slots/gate.hpp"
#include "slots/summary.hpp"
#include "users/lane.hpp"

using namespace admit::core;

namespace {

std::uint64_t bits_of(const void* word) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, word, sizeof bits);
    return bits;
}

/// A lock-free atomic is its value; `mask` is of the word that is the object's first member.
void set_bits(void* word, std::uint64_t mask) {
    const std::uint64_t bits = bits_of(word) | mask;
    std::memcpy(word, &bits, sizeof bits);
}

/// All of the version but its lowest bit: one step before its end.
constexpr std::uint64_t gate_at_its_end = ~std::uint64_t{0} << 6;
constexpr std::uint64_t node_at_its_end = ~std::uint64_t{0} << 33;

}  // namespace

TEST_CASE("the gate's version comes round and changes nothing else") {
    gate word;
    word.raise_summary(2);
    word.close();
    set_bits(&word, gate_at_its_end);
    for (int i = 0; i < 5; ++i) {
        const auto older = word.propose_full();
        word.reopen();
        const auto proposal = word.propose_full();
        CHECK_FALSE(word.confirm_full(older));
        CHECK(word.confirm_full(proposal));
        CHECK(word.read().height() == 2);
        CHECK(word.read().closed());
        word.reopen();
        CHECK_FALSE(word.read().room_denied());
    }
    CHECK((bits_of(&word) >> 63) == 0);  // it did come round
}

TEST_CASE("the version of a summary's node comes round and changes no child") {
    summary_word word;
    word.reopen_all();
    set_bits(&word, node_at_its_end);
    for (unsigned child = 0; child < fan_out; ++child) {
        const auto older = word.propose_empty(child);
        word.reopen(child);
        const auto proposal = word.propose_empty(child);
        CHECK_FALSE(word.confirm_empty(child, older));
        CHECK(word.confirm_empty(child, proposal));
        for (unsigned other = 0; other < fan_out; ++other)
            CHECK(word.read().is_empty(other) == (other <= child));
    }
    CHECK((bits_of(&word) >> 63) == 0);
}

TEST_CASE("a lane's generation comes round, past the one that means none") {
    constexpr unsigned generation_shift = 34;
    constexpr std::uint64_t last = ~std::uint64_t{0} >> generation_shift;
    constexpr std::uint64_t reserved_bit = std::uint64_t{1} << 33;
    lane other;
    set_bits(&other, last << generation_shift | reserved_bit | 1);
    const lane::snapshot before = other.read();
    lane one;
    set_bits(&one, last << generation_shift);
    CHECK(one.read().generation() == last);
    std::uint64_t generation = 0;
    REQUIRE(one.reserve(generation));
    CHECK(generation == 1);
    one.set_tag(7);
    one.bind(before);
    CHECK(one.read().reserved());
    one.bind(one.read());
    CHECK(one.read().count() == 1);
    CHECK(one.charge(7, 2) == lane::charged::yes);
    CHECK(one.charge(7, 2) == lane::charged::at_limit);
    one.discharge();
    one.discharge();
    CHECK(one.read().generation() == 1);
    CHECK_FALSE(one.read().reserved());
}
