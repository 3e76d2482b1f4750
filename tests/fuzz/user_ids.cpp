// SPDX-License-Identifier: BSL-1.0
// Fuzzes two user ids of any bytes: they name the same user exactly when the bytes are the same,
// and are listed unchanged. The same bytes are read as the text of a conversation id.
#include <admit/engine.hpp>
#include <string>

#include "fuzz/input.hpp"
#include "support/engines.hpp"

namespace {

using admit::errc;
using fuzz::require;

bool is_valid(const std::string& id) { return !id.empty() && id.size() <= 255; }

void check_one(admit::engine& engine, const std::string& id) {
    const auto permit = engine.try_admit(id);
    require(permit.has_value() == is_valid(id), "1 to 255 bytes are a user id");
    if (!permit) {
        require(permit.error() == errc::invalid_user_id, "other lengths are rejected as invalid");
        require(engine.active_count(id) == 0, "an invalid id has no conversations");
        return;
    }
    require(engine.active_count(id) == 1, "the admission is counted");
    require(engine.try_admit(engine.key(id)).error() == errc::user_limit, "its key is the user's");
    const auto lines = engine.conversations(id);
    require(lines.size() == 1 && lines[0].user == id, "the id is listed byte for byte");
}

void check_two(admit::engine& engine, const std::string& first, const std::string& second) {
    const auto one = engine.try_admit(first);
    const auto other = engine.try_admit(second);
    if (!one || !is_valid(second)) return;
    require(other.has_value() == (first != second),
            "two ids name the same user exactly when the bytes are the same");
}

void check_text(std::string_view text) {
    const auto id = admit::conversation_id::from_string(text);
    require(!id || to_string(*id) == text, "one text for each id");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static admit::engine engine{support::counts(4, 1)};
    fuzz::input in{data, size};
    check_text(in.rest());
    const std::size_t length = in.byte() + 256U * in.below(2);
    const std::string first{in.rest().substr(0, length)};
    const std::string second{in.rest().substr(first.size())};
    check_one(engine, first);
    check_one(engine, second);
    check_two(engine, first, second);
    require(engine.active_count() == 0, "no conversation stays active");
    return 0;
}
