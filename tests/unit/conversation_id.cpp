// SPDX-License-Identifier: BSL-1.0
// The text, the order and the hash of conversation ids.
#include <admit/permit.hpp>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "support/printing.hpp"

using admit::conversation_id;

namespace {

const std::vector<conversation_id> samples{
    {},
    {.engine = 1, .generation = 42, .slot = 7},
    {.engine = 1, .generation = 7, .slot = 42},
    {.engine = 7, .generation = 42, .slot = 1},
    {.engine = UINT64_MAX, .generation = UINT64_MAX, .slot = UINT32_MAX},
};

}  // namespace

TEST_CASE("an id is written as engine, slot and generation") {
    CHECK(to_string(samples[1]) == "1-7-42");
    CHECK(to_string(conversation_id{}) == "0-0-0");
    CHECK(to_string(samples[4]) == "18446744073709551615-4294967295-18446744073709551615");
}

TEST_CASE("an id is read back from its text") {
    for (const conversation_id& id : samples) {
        std::ostringstream stream;
        stream << id;
        CHECK(stream.str() == to_string(id));
        CHECK(conversation_id::from_string(to_string(id)) == id);
    }
}

TEST_CASE("text that to_string does not write is rejected") {
    const char* const junk[] = {
        "",
        "-",
        "--",
        "1",
        "1-2",
        "1-2-",
        "-1-2-3",
        "1--2-3",
        "1-2-3-",
        "1-2-3-4",
        "1-2-x",
        "+1-2-3",
        "1-+2-3",
        "1-2-+3",
        "1- 2-3",
        " 1-2-3",
        "1-2-3 ",
        "1-2-3\n",
        "\t1-2-3",
        "01-2-3",
        "1-02-3",
        "1-2-03",
        "00-0-0",
        "1-2-3x",
        "0x1-2-3",
        "1.0-2-3",
        "1e3-2-3",
        "1_2_3",
        "1,2,3",
        "a-b-c",
        "18446744073709551616-2-3",  // 2^64
        "1-4294967296-3",            // 2^32
        "1-2-18446744073709551616",
        "1-2-99999999999999999999999999999999999999999999999999999999999999999999999",
        "\xEF\xBC\x91-2-3",  // a full-width digit
    };
    for (const char* const text : junk) {
        CAPTURE(text);
        CHECK_FALSE(conversation_id::from_string(text));
    }
    CHECK_FALSE(conversation_id::from_string({}));
    CHECK_FALSE(conversation_id::from_string(std::string{"1-2-3\0", 6}));
    CHECK_FALSE(conversation_id::from_string(std::string{"1-2\0-3", 6}));
    CHECK_FALSE(conversation_id::from_string(std::string(1'000'000, '1')));
}

TEST_CASE("from_string reads no further than its argument") {
    const std::string text = "1-2-345";
    CHECK(conversation_id::from_string(std::string_view{text}.substr(0, 5)) ==
          conversation_id{.engine = 1, .generation = 3, .slot = 2});
}

TEST_CASE("ids are equal when all their parts are equal") {
    for (std::size_t i = 0; i < samples.size(); ++i)
        for (std::size_t j = 0; j < samples.size(); ++j) {
            CHECK((samples[i] == samples[j]) == (i == j));
            CHECK((samples[i] < samples[j]) + (samples[j] < samples[i]) == (i == j ? 0 : 1));
        }
    CHECK(std::set<conversation_id>(samples.begin(), samples.end()).size() == samples.size());
}

TEST_CASE("ids are keys of unordered maps") {
    std::unordered_map<conversation_id, std::size_t> map;
    for (std::size_t i = 0; i < samples.size(); ++i) map[samples[i]] = i;
    for (std::size_t i = 0; i < samples.size(); ++i) CHECK(map.at(samples[i]) == i);
}

TEST_CASE("the hashes of ids that are alike differ, in their low bits as well") {
    std::unordered_set<std::size_t> hashes;
    std::unordered_set<std::size_t> low_bits;
    for (std::uint32_t slot = 0; slot < 64; ++slot)
        for (std::uint64_t generation = 1; generation < 128; generation += 2) {
            const auto hash =
                std::hash<conversation_id>{}({.engine = 1, .generation = generation, .slot = slot});
            hashes.insert(hash);
            low_bits.insert(hash % 4096);
        }
    CHECK(hashes.size() == 4096);
    CHECK(low_bits.size() > 2000);  // random hashes would give 2589
}
