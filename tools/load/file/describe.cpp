// SPDX-License-Identifier: BSL-1.0
#include "load/file/describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "load/file/keys.hpp"
#include "load/file/named_check.hpp"
#include "load/file/threshold.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;
constexpr std::size_t width = 88;

/// The words as lines that begin with `prefix`.
std::string wrapped(std::string_view words, std::string_view prefix) {
    std::string out;
    std::string line(prefix);
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (line.size() + end + 1 > width) {
            out += line + '\n';
            line = prefix;
        }
        fmt::format_to(std::back_inserter(line), " {}", words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return out + line + '\n';
}

/// What a new file sets, so that it runs as it is. All other keys are comments with their defaults.
struct example_value {
    std::string_view section, key, value;
};
constexpr example_value examples[] = {
    {"", "summary", "\"200 users talk for ten seconds\""},
    {"", "duration_s", "10"},
    {"", "thresholds",
     "[\"response_p99_ms < 500\", \"overshoot == 0\", \"false_rejections == 0\"]"},
    {"limits", "max_concurrent", "100"},
    {"limits", "max_per_user", "5"},
    {"arrival", "model", "\"open\""},
    {"arrival", "rate_per_s", "200"},
    {"arrival", "late_ms", "5"},  // little beside conversations of 150 ms
    {"users", "name", "\"talker\""},
    {"users", "count", "200"},
    {"users", "steps", "3"},
    {"users", "step_ms", "{ exponential = 50 }"},
    {"users", "wait_s", "5"},
};

std::string_view example_of(const section_text& section, const key_text& key) {
    for (const example_value& one : examples) {
        if (one.section == section.name && one.key == key.name) return one.value;
    }
    return "";
}

std::string explanation(const key_text& key) {
    return key.allowed.empty() ? key.help : fmt::format("{} ({})", key.help, key.allowed);
}

std::string template_line(const section_text& section, const key_text& key) {
    const std::string_view example = example_of(section, key);
    if (!example.empty()) return fmt::format("{} = {}\n", key.name, example);
    return fmt::format("# {} = {}\n", key.name, key.standard.empty() ? "1" : key.standard);
}

std::string template_of(const section_text& section) {
    std::string out;
    if (!section.name.empty()) {
        out += fmt::format("\n# {}.\n{}{}{}\n", section.help, section.repeats ? "[[" : "[",
                           section.name, section.repeats ? "]]" : "]");
    }
    for (const key_text& key : section.keys) {
        out += '\n' + wrapped(explanation(key), "#") + template_line(section, key);
    }
    return out;
}

json schema_of_numbers(const key_text& key, const char* type) {
    return {{"type", type}, {"minimum", key.min}, {"maximum", key.max}};
}

/// A constant length, or one of the three distributions.
json schema_of_lengths(const key_text& key) {
    const json number = schema_of_numbers(key, "number");
    const json pair = {{"type", "array"}, {"items", number}, {"minItems", 2}, {"maxItems", 2}};
    json shapes = json::array({number});
    for (const char* name : {"uniform", "log_normal", "exponential"}) {
        const bool one_number = std::string_view(name) == "exponential";
        shapes.push_back({{"type", "object"},
                          {"properties", {{name, one_number ? number : pair}}},
                          {"required", {name}},
                          {"additionalProperties", false}});
    }
    return {{"oneOf", std::move(shapes)}};
}

json schema_of_type(const key_text& key) {
    if (key.type == "list of texts" && !key.choices.empty())
        return {{"type", "array"}, {"items", {{"enum", key.choices}}}};
    if (!key.choices.empty()) return {{"enum", key.choices}};
    if (key.type == "text")
        return {{"type", "string"}, {"minLength", key.min}, {"maxLength", key.max}};
    if (key.type == "true or false") return {{"type", "boolean"}};
    if (key.type == "length") return schema_of_lengths(key);
    if (key.type == "list of texts") return {{"type", "array"}, {"items", {{"type", "string"}}}};
    return schema_of_numbers(key, key.type == "number" ? "number" : "integer");
}

json schema_of(const section_text& section, const std::vector<section_text>& all);

json schema_of(const key_text& key, const std::string& path, const std::vector<section_text>& all) {
    json node = {{"description", explanation(key)}};
    if (key.type == "list of tables") {
        const auto part = std::find_if(all.begin(), all.end(),
                                       [&](const section_text& one) { return one.name == path; });
        node["type"] = "array";
        node["items"] = schema_of(*part, all);
    } else {
        node.update(schema_of_type(key));
    }
    return node;
}

json schema_of(const section_text& section, const std::vector<section_text>& all) {
    json properties = json::object();
    for (const key_text& key : section.keys) {
        properties[key.name] = schema_of(key, fmt::format("{}.{}", section.name, key.name), all);
    }
    return {{"type", "object"},
            {"description", section.help},
            {"properties", std::move(properties)},
            {"additionalProperties", false}};
}

std::string reference_of(const section_text& section) {
    std::string out = section.name.empty()
                          ? fmt::format("### {}\n\n", section.help)
                          : fmt::format("### `{}`\n\n{}.\n\n", section.name, section.help);
    out += "| key | value | default | meaning |\n| :-- | :-- | :-- | :-- |\n";
    for (const key_text& key : section.keys) {
        const std::string allowed = key.allowed.empty() ? key.type : key.allowed;
        out += fmt::format(
            "| `{}` | {}{} | {} | {} |\n", key.name, key.type == "length" ? "a length, " : "",
            allowed, key.standard.empty() ? "-" : fmt::format("`{}`", key.standard), key.help);
    }
    return out + '\n';
}

/// The sections of a new file; the others are for scenarios that go step by step.
bool begins_a_file(std::string_view section) {
    return section != "arrival.stages" && section != "steps" && section != "bounds";
}

}  // namespace

std::string file_template() {
    std::string out =
        "# A scenario for admit-load. Run it: admit-load run FILE\n"
        "# A line that begins with # and a key shows the default of that key.\n"
        "# A length in ms is a number, { uniform = [LEAST, MOST] }, { exponential = MEAN } or\n"
        "# { log_normal = [MEDIAN, P95] }.\n";
    for (const section_text& section : describe_keys()) {
        if (begins_a_file(section.name)) out += template_of(section);
    }
    return out;
}

std::string file_schema() {
    const std::vector<section_text> all = describe_keys();
    json root = schema_of(all.front(), all);
    for (const section_text& section : all) {
        if (section.name.empty() || section.name == "arrival.stages") continue;
        const json one = schema_of(section, all);
        root["properties"][section.name] =
            section.repeats ? json{{"type", "array"}, {"minItems", 1}, {"items", one}} : one;
    }
    json changes = root;
    changes["description"] = "What changes with the option of this name; a list is replaced";
    for (const char* variant : {"quick", "full", "waiting"}) root["properties"][variant] = changes;
    root["required"] = {"users"};
    json whole = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                  {"title", "A scenario of admit-load"}};
    whole.update(root);
    return whole.dump(2) + '\n';
}

std::string file_reference() {
    std::string out;
    for (const section_text& section : describe_keys()) out += reference_of(section);
    out += "### Checks\n\n| check | what must hold |\n| :-- | :-- |\n";
    for (const named_check& one : named_checks())
        out += fmt::format("| `{}` | {} |\n", one.name, one.help);
    out += "\n### Figures for thresholds\n\n| figure | unit | meaning |\n| :-- | :-- | :-- |\n";
    for (const figure& one : all_figures())
        out += fmt::format("| `{}` | {} | {} |\n", one.name, one.unit, one.help);
    return out;
}

}  // namespace admit::load
