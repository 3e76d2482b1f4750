// SPDX-License-Identifier: BSL-1.0
// The shares of a fleet's limit, against what max-min means.
#include "fleet/shares.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace admit::fleet;

namespace {

using claims = std::array<claim, 3>;

/// All combinations of three claims with numbers up to 3.
template <class F>
void for_each_fleet(F f) {
    for (unsigned n = 0; n < 4 * 4 * 4 * 4 * 4 * 4; ++n)
        for (std::uint32_t limit = 0; limit <= 6; ++limit) {
            claims all{};
            for (std::size_t i = 0; i < 3; ++i)
                all[i] = {.block = n >> (4 * i) & 3, .wants = n >> (4 * i + 2) & 3, .quiet = false};
            f(limit, all);
        }
}

}  // namespace

TEST_CASE("shares are at most the limit, use it, and are max-min") {
    for_each_fleet([](std::uint32_t limit, const claims& all) {
        std::array<std::uint32_t, 3> share{};
        std::uint32_t sum = 0, wants = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            share[i] = share_of(limit, all, i);
            sum += share[i];
            wants += all[i].wants;
            REQUIRE(share[i] <= all[i].wants);
        }
        REQUIRE(sum == std::min(limit, wants));
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j)  // the member that lacks something comes last
                if (share[i] < all[i].wants) REQUIRE(share[j] <= share[i] + 1);
    });
}

TEST_CASE("a grant fits into the room that the blocks leave") {
    for_each_fleet([](std::uint32_t limit, const claims& all) {
        std::uint32_t others = all[1].block + all[2].block;
        const std::uint32_t granted = grant_to(limit, all, 0);
        REQUIRE((granted <= all[0].block || granted + others <= limit));
    });
}

TEST_CASE("a surplus stays until another member lacks something") {
    CHECK(grant_to(4, claims{{{3, 1, false}, {1, 1, false}, {0, 0, false}}}, 0) == 3);
    CHECK(grant_to(4, claims{{{3, 1, false}, {1, 2, false}, {0, 0, false}}}, 0) == 1);
    CHECK(grant_to(2, claims{{{3, 1, false}, {1, 1, false}, {0, 0, false}}}, 0) == 1);
}

TEST_CASE("a quiet claim keeps its block and wants nothing") {
    CHECK(grant_to(4, claims{{{0, 4, false}, {3, 4, true}, {0, 0, false}}}, 0) == 1);
}

TEST_CASE("large numbers neither wrap round nor take long") {
    const claims all{{{0, 4'000'000'000u, false}, {0, 4'000'000'000u, false}, {0, 1, false}}};
    CHECK(share_of(4'000'000'000u, all, 0) == 2'000'000'000u);
    CHECK(share_of(4'000'000'000u, all, 1) == 1'999'999'999u);
}
