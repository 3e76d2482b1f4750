#include "checker/seed.hpp"

#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "checker/options.hpp"

namespace admit::model {

namespace {

constexpr std::size_t hash_length = 4;
constexpr std::size_t limits_length = 4;

char to_digit(unsigned limit) {
    if (limit >= unlimited) {
        return '*';
    }
    return static_cast<char>(limit < 10 ? '0' + limit : (limit < 36 ? 'a' - 10 : 'A' - 36) + limit);
}

unsigned from_digit(char digit) {
    if (digit == '*') {
        return unlimited;
    }
    for (unsigned limit = 0; limit < unlimited; ++limit) {
        if (to_digit(limit) == digit) {
            return limit;
        }
    }
    throw std::invalid_argument{"not a seed: bad limit"};
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
    seed made;
    made.test = text.substr(0, hash_length);
    made.reduce = text[hash_length + 1] == 'd';
    made.limits.preemptions = from_digit(text[hash_length + 2]);
    made.limits.stale_reads = from_digit(text[hash_length + 3]);
    made.limits.spurious_failures = from_digit(text[hash_length + 4]);
    made.choices = choice_path::decode(text.substr(choices_at));
    return made;
}

}  // namespace admit::model
