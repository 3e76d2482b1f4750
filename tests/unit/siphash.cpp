// SPDX-License-Identifier: BSL-1.0
#include "users/siphash.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using admit::core::hash_key;
using admit::core::siphash13;

namespace {

/// SipHash with any number of rounds, as the paper describes it: byte by byte, with nothing clever.
std::uint64_t reference(unsigned compression_rounds, unsigned final_rounds, const hash_key& key,
                        const std::string& message) {
    std::array<std::uint64_t, 4> v{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
                                   key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
    const auto rotate = [](std::uint64_t word, unsigned by) {
        return word << by | word >> (64 - by);
    };
    const auto rounds = [&](unsigned count) {
        for (; count > 0; --count) {
            v[0] += v[1];
            v[2] += v[3];
            v[1] = rotate(v[1], 13);
            v[3] = rotate(v[3], 16);
            v[1] ^= v[0];
            v[3] ^= v[2];
            v[0] = rotate(v[0], 32);
            v[2] += v[1];
            v[0] += v[3];
            v[1] = rotate(v[1], 17);
            v[3] = rotate(v[3], 21);
            v[1] ^= v[2];
            v[3] ^= v[0];
            v[2] = rotate(v[2], 32);
        }
    };
    std::string padded = message;
    padded.resize((message.size() / 8 + 1) * 8, '\0');
    padded.back() = static_cast<char>(message.size() & 0xff);
    for (std::size_t at = 0; at < padded.size(); at += 8) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < 8; ++i)
            word |= std::uint64_t{static_cast<unsigned char>(padded[at + i])} << (8 * i);
        v[3] ^= word;
        rounds(compression_rounds);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    rounds(final_rounds);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/// 00 01 02 ..., the message of the published vectors.
std::string counting_bytes(std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(i);
    return bytes;
}

constexpr hash_key published_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

}  // namespace

TEST_CASE("the reference agrees with the published vectors of SipHash-2-4") {
    CHECK(reference(2, 4, published_key, counting_bytes(15)) == 0xa129ca6149be45e5);
    CHECK(reference(2, 4, published_key, "") == 0x726fdb47dd0e0e31);
}

TEST_CASE("SipHash-1-3 agrees with the vector that Rust's library has") {
    CHECK(siphash13::hash(published_key, "") == 0xabac0158050fc4dc);
}

TEST_CASE("SipHash-1-3 agrees with the reference for every length") {
    std::mt19937_64 random{1};
    for (std::size_t length = 0; length <= 300; ++length) {
        const std::string counting = counting_bytes(length);
        CHECK(siphash13::hash(published_key, counting) == reference(1, 3, published_key, counting));
        std::string noise;
        for (std::size_t i = 0; i < length; ++i) noise += static_cast<char>(random());
        const hash_key key{random(), random()};
        CHECK(siphash13::hash(key, noise) == reference(1, 3, key, noise));
    }
}

TEST_CASE("SipHash-1-3 reads nothing beyond the bytes, wherever they begin") {
    // Exactly as large as the message, so that a sanitizer sees any other read.
    for (std::size_t length = 0; length <= 33; ++length) {
        const std::string message = counting_bytes(length);
        for (std::size_t offset = 0; offset < 8; ++offset) {
            std::vector<char> memory(offset);
            memory.insert(memory.end(), message.begin(), message.end());
            memory.shrink_to_fit();
            CHECK(siphash13::hash(published_key, {memory.data() + offset, length}) ==
                  siphash13::hash(published_key, message));
        }
    }
}
