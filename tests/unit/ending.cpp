// SPDX-License-Identifier: BSL-1.0
// How conversations are ended by their ids and their users, and with which statuses.
#include <admit/engine.hpp>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"

using admit::permit;
using support::counts;

namespace {

permit admitted(admit::engine& engine, std::string_view user = "alice") {
    return engine.try_admit(user).value();
}

}  // namespace

TEST_CASE("a value that is no status counts as an error, and as nothing else") {
    for (const unsigned number : {6U, 7U, 126U, 127U, 128U, 200U, 255U}) {
        CAPTURE(number);
        const auto how = static_cast<admit::status>(number);
        CHECK(to_string(how) == "unknown");
        admit::engine engine{counts(5, 5)};
        CHECK(admitted(engine).end(how));
        CHECK(engine.end(admitted(engine).detach(), how));
        admitted(engine).detach();
        CHECK(engine.end("alice", how) == 1);
        const auto stats = engine.stats();
        CHECK(stats.ended.error == 3);
        CHECK(stats.ended.total() == 3);
        CHECK(stats.rejected.total() == 0);
        CHECK(stats.overstayed == 0);
    }
}

TEST_CASE("all conversations of one user are ended by the user's id or key") {
    using admit::status;
    constexpr std::size_t many = 150;
    admit::engine engine{counts(2 * many, many)};
    const admit::engine other{counts(1, 1)};
    std::vector<permit> held;
    for (std::size_t i = 0; i < many; ++i) {
        held.push_back(admitted(engine));
        held.push_back(admitted(engine, "bob"));
    }
    CHECK(engine.end("", status::error) == 0);
    CHECK(engine.end(std::string(256, 'x')) == 0);
    CHECK(engine.end("carol") == 0);
    CHECK(engine.end(other.key("bob")) == 0);
    CHECK(engine.active_count() == 2 * many);
    CHECK(engine.end("alice", status::cancelled) == many);
    CHECK(engine.end("alice") == 0);
    CHECK(engine.active_count("alice") == 0);
    CHECK(engine.active_count("bob") == many);
    CHECK(engine.end(engine.key("bob")) == many);
    CHECK(engine.active_count() == 0);
    CHECK(engine.stats().ended.cancelled == many);
    CHECK(engine.stats().ended.completed == many);
    for (permit& each : held) CHECK_FALSE(each.end());
}

TEST_CASE("an id without a name still names a conversation, not a user") {
    admit::engine engine{counts(1, 1)};
    CHECK_FALSE(engine.end({}));
    const admit::conversation_id id = admitted(engine).detach();
    bool (admit::engine::*by_id)(const admit::conversation_id&, admit::status) noexcept =
        &admit::engine::end;
    CHECK((engine.*by_id)(id, admit::status::completed));
}
