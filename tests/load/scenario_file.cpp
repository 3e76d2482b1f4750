// SPDX-License-Identifier: BSL-1.0
// Scenario files: what they may say, what is refused and how, and what describes them.
#include "load/file/read_file.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "load/file/describe.hpp"
#include "load/file/keys.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;
using admit::tools::usage_error;

scenario_file parsed(std::string_view text) { return parse_scenario_file(text, "some.toml"); }

/// The message, or "accepted".
std::string refusal(std::string_view text) {
    try {
        parsed(text);
    } catch (const usage_error& error) {
        return error.what();
    }
    return "accepted";
}

constexpr std::string_view one_user = "[[users]]\nname = \"a\"\n";

/// A file that sets one key of one section, and is otherwise as small as it can be.
std::string setting(const section_text& section, std::string_view key, std::string_view given) {
    const std::string line = fmt::format("{} = {}\n", key, given);
    if (section.name.empty()) return line + std::string(one_user);
    if (section.name == "users") return "[[users]]\n" + line;
    if (section.repeats) return fmt::format("{}[[{}]]\n{}", one_user, section.name, line);
    if (section.name == "arrival.stages") {
        const bool length = key == "for_s";
        return fmt::format(
            "{}[arrival]\nmodel = \"open\"\nstages = [{{ for_s = {}, rate_per_s = {} }}]\n",
            one_user, length ? given : "1", length ? "1" : given);
    }
    return fmt::format("[{}]\n{}{}", section.name, line, one_user);
}

std::string key_path(const section_text& section, const key_text& key) {
    if (section.name.empty()) return key.name;
    return fmt::format("{}{}.{}", section.name, section.repeats ? "[1]" : "", key.name);
}

}  // namespace

TEST_CASE("a file says what runs, and leaves the rest to the defaults") {
    const scenario_file file = parsed(R"(
        name = "lunch"
        thresholds = ["response_p99_ms < 5", "overshoot==0"]
        [limits]
        max_concurrent = 7
        [arrival]
        model = "open"
        stages = [{ for_s = 1.5, rate_per_s = 10 }, { for_s = 2, rate_per_s = 0 }]
        [[users]]
        name = "quick"
        step_ms = { uniform = [1, 5] }
        [[users]]
        name = "slow"
        step_ms = { log_normal = [20, 90] }
        think_ms = { exponential = 30 }
        max_per_user = 9)");
    CHECK(file.name == "lunch");
    CHECK(file.limits.max_concurrent == 7);
    CHECK(file.limits.max_per_user == file_limits{}.max_per_user);
    CHECK(length_s(file) == 3.5);
    REQUIRE(file.thresholds.size() == 2);
    CHECK(file.thresholds[1].subject->name == "overshoot");
    CHECK(file.thresholds[1].relation == "==");
    REQUIRE(file.users.size() == 2);
    CHECK(file.users[0].step_ms == distribution{shape::uniform, 1, 5});
    CHECK(file.users[1].step_ms == distribution{shape::log_normal, 20, 90});
    CHECK(file.users[1].think_ms == distribution{shape::exponential, 30, 0});
    CHECK(file.users[1].max_per_user == 9);
    CHECK(parsed(one_user).name == "some");
}

TEST_CASE("the template can be run as it is, and names every key") {
    const std::string text = file_template();
    const scenario_file file = parsed(text);
    CHECK(file.arrival.open());
    CHECK(file.thresholds.size() == 3);
    for (const section_text& section : describe_keys()) {
        const bool of_other_scenarios = section.name == "steps" || section.name == "bounds";
        if (section.name == "arrival.stages" || of_other_scenarios) continue;
        for (const key_text& key : section.keys) {
            const std::string line = '\n' + key.name + " = ";
            CHECK(contains(text, "\n# " + line.substr(1)) + contains(text, line) > 0);
        }
    }
}

TEST_CASE("every key refuses what is not its type, with the line, the key and what is allowed") {
    for (const section_text& section : describe_keys()) {
        for (const key_text& key : section.keys) {
            for (const std::string_view given :
                 {"nan", "inf", "-1", "[]", "{}", "1979-05-27", "\"\\u001b[2J\""}) {
                const bool empty_list = given == "[]" && contains(key.type, "list");
                const bool any_text =
                    given.starts_with('"') && key.type == "text" && key.choices.empty();
                if (empty_list || any_text) continue;
                CAPTURE(key.name);
                CAPTURE(given);
                const std::string message = refusal(setting(section, key.name, given));
                CHECK(contains(message, "some.toml:"));
                CHECK(contains(message, key_path(section, key) + ":"));
                CHECK(contains(message, "allowed: "));
                CHECK_FALSE(contains(message, "\x1b"));
            }
        }
    }
}

TEST_CASE("every number is accepted at both ends of its range, and refused beyond them") {
    for (const section_text& section : describe_keys()) {
        for (const key_text& key : section.keys) {
            if (!contains(key.type, "number") && key.type != "length") continue;
            CAPTURE(key.name);
            const bool whole = key.type == "whole number";
            const auto as_text = [&](double number) {
                return whole ? fmt::format("{:.0f}", number) : fmt::format("{:.6f}", number);
            };
            // Beside another key that it depends on, an end may be refused for that key.
            const std::string own = key_path(section, key) + ": ";
            const std::string range = fmt::format(" to {:.15g}", key.max);
            for (const double end : {key.min, key.max}) {
                const std::string message = refusal(setting(section, key.name, as_text(end)));
                const bool out_of_range = contains(message, own) && contains(message, range);
                CHECK_FALSE(out_of_range);
            }
            CHECK(contains(refusal(setting(section, key.name, as_text(key.max + 1))), "allowed: "));
            if (whole)
                CHECK(contains(refusal(setting(section, key.name, "1.5")), "a whole number"));
        }
    }
}

TEST_CASE("unknown keys are refused with the nearest one") {
    CHECK(contains(refusal("duratoin_s = 1\n[[users]]\n"), "some.toml:1: duratoin_s: no such key"));
    CHECK(contains(refusal("duratoin_s = 1\n[[users]]\n"), "did you mean duration_s?"));
    CHECK(contains(refusal("[limit]\nmax_concurrent = 1\n"), "did you mean limits?"));
    CHECK(contains(refusal("[[users]]\nname = \"a\"\nstep = 5\n"), "some.toml:3: users[1].step:"));
    CHECK(contains(refusal("thresholds = [\"respons_p99_ms < 5\"]\n[[users]]\n"),
                   "did you mean response_p99_ms?"));
}

TEST_CASE("what one key alone cannot show is refused, too") {
    const struct {
        std::string_view text, key;
    } table[] = {
        {"", "users"},
        {"[[users]]\nname = \"a\"\n[[users]]\nname = \"a\"\n", "users[2].name"},
        {"[[users]]\ngive_up_percent = 1\n", "users[1].give_up_percent"},
        {"[[users]]\nthrow_percent = 60\nnever_end_percent = 50\n", "users[1].never_end_percent"},
        {"[[users]]\ncount = 1500000\n[[users]]\nname = \"b\"\ncount = 1500000\n", "users"},
        {"[arrival]\nmodel = \"open\"\n[[users]]\n", "arrival.rate_per_s"},
        {"[arrival]\nrate_per_s = 5\n[[users]]\n", "arrival.rate_per_s"},
        {"duration_s = 5\n[arrival]\nmodel = \"open\"\nstages = [{for_s = 1, rate_per_s = 1}]\n"
         "[[users]]\n",
         "duration_s"},
        {"[arrival]\nmodel = \"open\"\nrate_per_s = 1\nconversations_per_user = 5\n[[users]]\n",
         "arrival.conversations_per_user"},
        {"[arrival]\nmodel = \"open\"\nrate_per_s = 1\n[[users]]\nweight = 0\n", "users.weight"},
        {"max_memory_mib = 1\n[[users]]\n", "max_memory_mib"},
        {"[[users]]\nstep_ms = { uniform = [5, 1] }\n", "users[1].step_ms"},
        {"[[users]]\nstep_ms = { log_normal = [0, 1] }\n", "users[1].step_ms"},
        {"[[users]]\nstep_ms = { gauss = [0, 1] }\n", "users[1].step_ms"},
        {"[[users]]\nstep_ms = { uniform = [0, 1], exponential = 3 }\n", "users[1].step_ms"},
        {"thresholds = [\"response_p99_ms\"]\n[[users]]\n", "thresholds"},
        {"thresholds = [\"response_p99_ms < nan\"]\n[[users]]\n", "thresholds"},
        {"thresholds = [\"response_p99_ms << 5\"]\n[[users]]\n", "thresholds"},
        {"thresholds = [\"response_p99_ms < 5 ms\"]\n[[users]]\n", "thresholds"},
        {"users = 5\n", "users"},
        {"limits = 5\n[[users]]\n", "limits"},
    };
    for (const auto& [text, key] : table) {
        CAPTURE(text);
        const std::string message = refusal(text);
        CHECK(contains(message, fmt::format("{}:", key)));
        CHECK(contains(message, "allowed: "));
    }
}

TEST_CASE("what is no TOML is refused with its line, whatever the bytes") {
    CHECK(contains(refusal("a = \n"), "some.toml:1: "));
    CHECK(contains(refusal("\n\n[users"), "some.toml:3: "));
    CHECK(contains(refusal("x = \"\xff\xfe\"\n"), "some.toml:1: "));
    CHECK(contains(refusal(std::string("a\0b", 3)), "some.toml:"));
    for (int byte = 0; byte < 256; ++byte) {
        const std::string message = refusal(std::string(1, static_cast<char>(byte)));
        CHECK(contains(message, "some.toml"));
        CHECK_FALSE(contains(message, "\x1b"));
    }
}

TEST_CASE("files that are missing, too large, or folders are refused") {
    const support::temporary_folder folder;
    const std::string path = folder / "file.toml";
    const auto message = [&] {
        try {
            read_scenario_file(path);
        } catch (const usage_error& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK(contains(message(), "cannot be read"));
    std::ofstream(path) << std::string((1 << 20) + 1, '#');
    CHECK(contains(message(), "at most 1 MiB"));
    std::ofstream(path) << std::string((1 << 20) - 30, '#') << '\n' << one_user;
    CHECK(message() == "accepted");
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    CHECK(contains(message(), "cannot be read"));
}

TEST_CASE("the schema and the reference have every key") {
    const auto schema = nlohmann::json::parse(file_schema());
    const std::string reference = file_reference();
    for (const section_text& section : describe_keys()) {
        for (const key_text& key : section.keys) {
            CAPTURE(key.name);
            CHECK(contains(reference, fmt::format("| `{}` |", key.name)));
            const auto& properties = schema["properties"];
            if (section.name.empty()) CHECK(properties.contains(key.name));
            if (section.name == "users")
                CHECK(properties["users"]["items"]["properties"].contains(key.name));
            if (section.name == "arrival.stages") {
                CHECK(properties["arrival"]["properties"]["stages"]["items"]["properties"].contains(
                    key.name));
            }
        }
    }
}

TEST_CASE("text of unknown origin cannot move the cursor or end a line") {
    using admit::tools::printable;
    CHECK(printable("plain \xc3\xa9 \xf0\x9f\x98\x80") == "plain \xc3\xa9 \xf0\x9f\x98\x80");
    CHECK(printable("\x1b[2J\r\n") == "\\x1b[2J\\x0d\\x0a");
    CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(printable("\xc0\xaf \xed\xa0\x80 \xff \xc3") == "\\xc0\\xaf \\xed\\xa0\\x80 \\xff \\xc3");
    CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");           // a control sequence introducer
    CHECK(printable("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // turns the direction of writing
}
