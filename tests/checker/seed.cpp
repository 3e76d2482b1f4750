// SPDX-License-Identifier: BSL-1.0
#include "checker/seed.hpp"

#include <cassert>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "checker/options.hpp"

namespace admit::model {

namespace {

constexpr std::size_t hash_length = 4;
constexpr std::size_t limits_length = 4;

char to_digit(unsigned limit) { return limit >= unlimited ? '*' : choice_path::digits[limit]; }

unsigned from_digit(char digit) {
    if (digit == '*') {
        return unlimited;
    }
    const std::size_t limit = choice_path::digits.find(digit);
    if (limit == std::string_view::npos) {
        throw std::invalid_argument{"not a seed: bad limit"};
    }
    return static_cast<unsigned>(limit);
}

}  // namespace

// FNV-1a, folded to 16 bits.
std::string seed::hash(std::string_view test_name) {
    std::uint32_t value = 2166136261U;
    for (const char c : test_name) {
        value = (value ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    char text[hash_length + 1];
    std::snprintf(text, sizeof text, "%04x", (value ^ (value >> 16U)) & 0xffffU);
    return text;
}

std::string seed::encode() const {
    assert(test.size() == hash_length);
    std::string text = test + '-' + (reduce ? 'd' : 'r');
    text += to_digit(limits.preemptions);
    text += to_digit(limits.stale_reads);
    text += to_digit(limits.spurious_failures);
    return text + '-' + choices.encode();
}

seed seed::decode(std::string_view text) {
    constexpr std::size_t choices_at = hash_length + 1 + limits_length + 1;
    if (text.size() < choices_at || text[hash_length] != '-' || text[choices_at - 1] != '-') {
        throw std::invalid_argument{"not a seed: expected <test>-<limits>-<choices>"};
    }
    seed decoded;
    decoded.test = text.substr(0, hash_length);
    decoded.reduce = text[hash_length + 1] == 'd';
    decoded.limits.preemptions = from_digit(text[hash_length + 2]);
    decoded.limits.stale_reads = from_digit(text[hash_length + 3]);
    decoded.limits.spurious_failures = from_digit(text[hash_length + 4]);
    decoded.choices = choice_path::decode(text.substr(choices_at));
    return decoded;
}

}  // namespace admit::model
