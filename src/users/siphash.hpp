// SPDX-License-Identifier: BSL-1.0
// SipHash-1-3, the keyed hash of user ids; user_ref.hpp makes the tag of a user with it. Ids come
// from strangers, and the key keeps them from choosing ids that collide. Aumasson and Bernstein,
// "SipHash: a fast short-input PRF", INDOCRYPT 2012; one compression and three finalisation rounds
// as in the hash tables of Rust and Python.
#pragma once

#include "base/bytes.hpp"

namespace admit::core {

struct hash_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

class siphash13 {
public:
    static std::uint64_t hash(const hash_key& key, std::string_view bytes) noexcept {
        siphash13 state{key};
        const char* at = bytes.data();
        std::size_t left = bytes.size();
        for (; left >= 8; at += 8, left -= 8) state.compress(load_word(at));
        state.compress(load_bytes(bytes, bytes.size() - left) | std::uint64_t{bytes.size()} << 56);
        return state.finish();
    }

private:
    explicit siphash13(const hash_key& key) noexcept
        : v0_{key.k0 ^ 0x736f6d6570736575U},
          v1_{key.k1 ^ 0x646f72616e646f6dU},
          v2_{key.k0 ^ 0x6c7967656e657261U},
          v3_{key.k1 ^ 0x7465646279746573U} {}

    void round() noexcept {
        v0_ += v1_, v2_ += v3_;
        v1_ = std::rotl(v1_, 13) ^ v0_, v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v1_, v0_ += v3_;
        v1_ = std::rotl(v1_, 17) ^ v2_, v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ = std::rotl(v2_, 32);
    }

    void compress(std::uint64_t word) noexcept {
        v3_ ^= word;
        round();
        v0_ ^= word;
    }

    std::uint64_t finish() noexcept {
        v2_ ^= 0xff;
        round(), round(), round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

    std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace admit::core
