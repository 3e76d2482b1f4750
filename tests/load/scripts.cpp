// SPDX-License-Identifier: BSL-1.0
// Scenario files that go step by step, have bounds, or change with an option.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/option_values.hpp"
#include "load/drive/file_scenario.hpp"
#include "load/file/keys.hpp"
#include "load/file/named_check.hpp"
#include "load/file/read_file.hpp"
#include "load/report/block.hpp"
#include "load/runner.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;
using admit::tools::usage_error;

constexpr std::string_view one_user = "[[users]]\nname = \"a\"\n";

/// The message, or "accepted".
std::string refusal(std::string_view text) {
    try {
        parse_scenario_file(text, "some.toml");
    } catch (const usage_error& error) {
        return error.what();
    }
    return "accepted";
}

run_result run(const std::string& text) {
    const scenario chosen = make_scenario(parse_scenario_file(text, "test.toml"));
    return run_once(chosen, chosen.prepare({}, 2));
}

const check* failed_check(const run_result& result, std::string_view name) {
    for (const check& one : result.checks.all()) {
        if (!one.passed && one.name == name) return &one;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("each check that a file can name is made, and no other name is known") {
    std::vector<std::string> names;
    for (const named_check& one : named_checks()) names.emplace_back(one.name);
    CHECK(names == split_choices(check_choices));
    CHECK(contains(refusal(fmt::format("checks = [\"scrip\"]\n{}", one_user)), "\"script\""));
}

TEST_CASE("a variant is put over the file, key by key; a list is replaced") {
    constexpr std::string_view text = R"(
        duration_s = 30
        thresholds = ["overshoot == 0"]
        [limits]
        max_concurrent = 7
        max_per_user = 3
        [[users]]
        name = "a"
        count = 9
        [quick]
        duration_s = 1
        limits.max_concurrent = 5
        [waiting]
        users = [{ name = "b" }, { name = "c" }])";
    const auto with = [&](std::vector<variant> wanted) {
        return parse_scenario_file(text, "some.toml", wanted);
    };
    CHECK(with({}).duration_s == 30);
    CHECK(with({}).users_at_once() == 9);
    const scenario_file quick = with({variant::quick});
    CHECK(quick.duration_s == 1);
    CHECK(quick.limits.max_concurrent == 5);
    CHECK(quick.limits.max_per_user == 3);
    CHECK(quick.users_at_once() == 9);
    CHECK(with({variant::full}).duration_s == 30);
    const scenario_file both = with({variant::quick, variant::waiting});
    CHECK(both.duration_s == 1);
    REQUIRE(both.users.size() == 2);
    CHECK(both.users[1].name == "c");
}

TEST_CASE("a variant that is not wanted is read, too: its errors are refused") {
    const std::string file(one_user);
    CHECK(contains(refusal(file + "[quick]\nduration_s = -1\n"), "some.toml:4: duration_s: -1"));
    CHECK(contains(refusal(file + "[full]\nusres = 3\n"), "no such key; did you mean users?"));
    CHECK(contains(refusal("waiting = 3\n" + file), "allowed: a table, [waiting]"));
    CHECK(contains(refusal(file + "[quick]\n[quick.full]\nseed = 2\n"), "full: no such key"));
}

TEST_CASE("steps and bounds refuse what they could not honour") {
    const std::string script = "[arrival]\nmodel = \"script\"\n[[users]]\nname = \"a\"\n";
    const auto step = [&](std::string_view keys) {
        return refusal(fmt::format("{}[[steps]]\n{}\n", script, keys));
    };
    CHECK(step("users = \"a\"") == "accepted");
    CHECK(contains(step("users = \"b\""), "steps[1].users: \"b\""));
    CHECK(contains(step("do = \"start\""), "steps[1].users: \"\""));
    CHECK(contains(step("users = \"a\"\ndo = \"fill\""), "the kind fills nothing"));
    CHECK(contains(step("users = \"a\"\ndo = \"end\"\nexpect = \"waits\""), "for a start alone"));
    CHECK(contains(step("users = \"a\"\ndo = \"visit\"\nexpect = \"user_limit\""),
                   "for a fill or a visit"));
    CHECK(contains(refusal(script), "steps: 0 steps"));
    CHECK(contains(refusal(std::string(one_user) + "[[steps]]\nusers = \"a\"\n"), "1 steps"));
    const auto bound_of = [&](std::string_view keys) {
        return refusal(fmt::format("{}[[bounds]]\n{}\n", one_user, keys));
    };
    CHECK(bound_of("name = \"x\"\nholds = \"response_p99_ms < 5\"\nkind = \"a\"") == "accepted");
    CHECK(contains(bound_of("name = \"x\""), "bounds[1].holds"));
    CHECK(contains(bound_of("holds = \"response_p99_ms < 5\""), "bounds[1].name"));
    CHECK(contains(bound_of("name = \"x\"\nholds = \"fairness == 1\""), "with < or >"));
    CHECK(contains(bound_of("name = \"x\"\nholds = \"fairness > 0\"\nkind = \"a\""),
                   "no response time"));
    CHECK(contains(bound_of("name = \"x\"\nholds = \"response_p99_ms < 5\"\nkind = \"z\""),
                   "the name of a kind"));
    for (const std::string_view key :
         {"meet = true", "rapid_cycles = 5", "conversations_per_user = 2"}) {
        CHECK(contains(refusal(fmt::format("{}{}\n[[steps]]\nusers = \"a\"\n",
                                           "[arrival]\nmodel = \"script\"\n", key) +
                               std::string(one_user)),
                       "because it is for model = \"closed\""));
    }
    CHECK(contains(refusal("[arrival]\nbursts = 2\n" + std::string(one_user)),
                   "because it is for model = \"together\""));
}

TEST_CASE("a script that expects what does not come fails, and says where") {
    const std::string script = R"(
        checks = ["script"]
        [limits]
        max_concurrent = 3
        [arrival]
        model = "script"
        [[users]]
        name = "holder"
        count = 3
        fills = "all_slots"
        [[users]]
        name = "late"
        [[steps]]
        do = "fill"
        users = "holder"
        when = "when full"
        [[steps]]
        do = "start"
        users = "late"
        name = "one more"
        expect = )";
    const run_result right = run(script + "\"global_limit\"\n");
    INFO(block_report(right, false));
    CHECK(right.checks.passed());
    const run_result wrong = run(script + "\"user_limit\"\n");
    const check* failed = failed_check(wrong, "one more of @u3:load.test");
    REQUIRE(failed != nullptr);
    CHECK(to_string(failed->observed) == make_error_code(admit::errc::global_limit).message());
    CHECK(failed_check(wrong, "rejected by the global limit") != nullptr);
}

TEST_CASE("a waiter of a script is served by an end, in turn") {
    const run_result result = run(R"(
        checks = ["script"]
        [limits]
        max_concurrent = 2
        [arrival]
        model = "script"
        [[users]]
        name = "holder"
        count = 2
        fills = "all_slots"
        [[users]]
        name = "late"
        count = 2
        wait_s = 30
        [[steps]]
        do = "fill"
        users = "holder"
        [[steps]]
        do = "start"
        users = "late"
        expect = "waits"
        when = "while two wait"
        [[steps]]
        do = "end"
        users = "holder"
        count = 1
        when = "after one end")");
    INFO(block_report(result, false));
    CHECK(result.checks.passed());
    CHECK(result.measured.completions == 4);
    CHECK(result.measured.max_active == 2);
}

TEST_CASE("a bound of a kind judges the users of that kind alone") {
    const std::string text = R"(
        [arrival]
        model = "together"
        [[users]]
        name = "quick"
        step_ms = 1
        [[users]]
        name = "slow"
        step_ms = 80
        [[bounds]]
        name = "slow ones"
        holds = "response_min_ms < 60"
        kind = )";
    CHECK(failed_check(run(text + "\"quick\"\n"), "slow ones") == nullptr);
    CHECK(failed_check(run(text + "\"slow\"\n"), "slow ones") != nullptr);
}
