// SPDX-License-Identifier: BSL-1.0
#include "conversation/user_name.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using admit::core::max_user_id_bytes;
using admit::core::user_name;

namespace {

std::string some_bytes(std::mt19937_64& random, std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(random());
    return bytes;
}

}  // namespace

TEST_CASE("a name of any length comes back, whatever was there before") {
    std::mt19937_64 random{2};
    user_name name;
    std::vector<std::uint64_t> tail(user_name::tail_words);
    for (std::size_t length = 1; length <= max_user_id_bytes; ++length)
        for (const std::uint64_t before : {std::uint64_t{1}, std::uint64_t{max_user_id_bytes},
                                           random() % max_user_id_bytes + 1}) {
            name.write(some_bytes(random, static_cast<std::size_t>(before)), tail.data());
            const std::string written = some_bytes(random, length);
            name.write(written, tail.data());
            CHECK(name.read(tail.data()) == written);
        }
}

TEST_CASE("a name that fits into the slot needs no tail") {
    user_name name;
    const std::string longest(user_name::head_bytes, 'x');
    name.write(longest, nullptr);
    CHECK(name.read(nullptr) == longest);
}

TEST_CASE("the longest name stays within its tail") {
    std::vector<std::uint64_t> tail(user_name::tail_words + 1, 0x1234);
    user_name name;
    name.write(std::string(max_user_id_bytes, 'x'), tail.data());
    CHECK(name.read(tail.data()) == std::string(max_user_id_bytes, 'x'));
    CHECK(tail.back() == 0x1234);
}

TEST_CASE("a name is read no further than it goes") {
    for (std::size_t length = 1; length <= max_user_id_bytes; ++length) {
        const std::vector<char> exact(length, 'y');  // a sanitizer sees any read beyond
        std::vector<std::uint64_t> tail(user_name::tail_words);
        user_name name;
        name.write({exact.data(), exact.size()}, tail.data());
        CHECK(name.read(tail.data()) == std::string(length, 'y'));
    }
}
