// SPDX-License-Identifier: BSL-1.0
// The operations of the checker's atomic on values of different types.

#include <doctest/doctest.h>

#include <array>
#include <cstdint>

#include "checker/atomic.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

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
