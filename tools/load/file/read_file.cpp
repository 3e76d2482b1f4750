// SPDX-License-Identifier: BSL-1.0
// From TOML (toml++) to values, by the tables of keys.cpp. What one key alone cannot show is
// checked in check_file.cpp.
#include "load/file/read_file.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <type_traits>

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "common/nearest.hpp"
#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "load/file/check_file.hpp"
#include "load/file/keys.hpp"

namespace admit::load {
namespace {

constexpr std::size_t max_bytes = std::size_t{1} << 20;

/// A value as a message shows it: its text, or its type.
std::string shown(const toml::node& node) {
    if (const auto* text = node.as_string()) return fmt::format("\"{}\"", tools::printable(**text));
    if (const auto* whole = node.as_integer()) return fmt::to_string(**whole);
    if (const auto* number = node.as_floating_point()) return fmt::format("{:g}", **number);
    if (const auto* flag = node.as_boolean()) return **flag ? "true" : "false";
    if (node.is_array()) return "a list";
    return node.is_table() ? "a table" : "a date";
}

/// Reads one section of a file into its struct.
template <class Section>
class section_reader {
public:
    section_reader(const std::string& path, std::string prefix)
        : path_(path), prefix_(std::move(prefix)) {}

    /// `passed_over` names tables that another reader reads.
    void read(const toml::table& from, Section& to,
              std::span<const std::string_view> passed_over) const {
        for (const auto& [name, node] : from) {
            if (std::find(passed_over.begin(), passed_over.end(), name.str()) != passed_over.end())
                continue;
            read_key(require_key(name, passed_over), node, to);
        }
    }

    [[noreturn]] void refuse(const toml::node& node, std::string_view name,
                             std::string_view allowed) const {
        throw file_error(path_, node.source().begin.line, prefix_ + std::string(name), shown(node),
                         allowed);
    }

private:
    const key<Section>& require_key(const toml::key& name,
                                    std::span<const std::string_view> others) const {
        std::vector<std::string_view> names(others.begin(), others.end());
        for (const key<Section>& one : keys_of<Section>()) {
            if (one.name == name.str()) return one;
            names.push_back(one.name);
        }
        throw tools::usage_error(fmt::format("{}:{}: {}{}: no such key; did you mean {}?",
                                             tools::printable(path_), name.source().begin.line,
                                             prefix_, tools::printable(name.str()),
                                             tools::nearest(name.str(), names)));
    }

    void read_key(const key<Section>& what, const toml::node& node, Section& to) const {
        std::visit([&](auto member) { read_value(what, node, to.*member); }, what.to);
    }

    void read_value(const key<Section>& what, const toml::node& node, std::string& to) const {
        const auto* text = node.as_string();
        if (!what.choices.empty()) {
            const auto choices = split_choices(what.choices);
            const bool known = text != nullptr &&
                               std::find(choices.begin(), choices.end(), **text) != choices.end();
            if (!known) refuse(node, what.name, fmt::format("one of {}", listed(choices)));
        } else if (text == nullptr || static_cast<double>((*text)->size()) < what.min ||
                   static_cast<double>((*text)->size()) > what.max) {
            refuse(node, what.name,
                   fmt::format("a text of {:.0f} to {:.0f} bytes", what.min, what.max));
        }
        to = **text;
    }

    void read_value(const key<Section>& what, const toml::node& node, std::size_t& to) const {
        const auto* whole = node.as_integer();
        const double value = whole != nullptr ? static_cast<double>(**whole) : -1;
        if (whole == nullptr || !(value >= what.min && value <= what.max)) {
            refuse(node, what.name, allowed_numbers(what.min, what.max, what.unit, true));
        }
        to = static_cast<std::size_t>(**whole);
    }

    void read_value(const key<Section>& what, const toml::node& node,
                    std::optional<std::size_t>& to) const {
        read_value(what, node, to.emplace());
    }

    void read_value(const key<Section>& what, const toml::node& node, double& to) const {
        to = number(what, node);
    }

    void read_value(const key<Section>& what, const toml::node& node, bool& to) const {
        const auto* flag = node.as_boolean();
        if (flag == nullptr) refuse(node, what.name, "true or false");
        to = **flag;
    }

    void read_value(const key<Section>& what, const toml::node& node, distribution& to) const {
        if (const toml::table* shape = node.as_table()) {
            to = read_shape(what, *shape);
        } else {
            to = {shape::constant, number(what, node), 0};
        }
    }

    void read_value(const key<Section>& what, const toml::node& node,
                    std::vector<threshold>& to) const {
        constexpr std::string_view allowed = "a list of texts such as \"response_p99_ms < 5\"";
        for (const toml::node& one : list_of(what, node, allowed)) {
            if (!one.is_string()) refuse(one, what.name, allowed);
            try {
                to.push_back(parse_threshold(**one.as_string()));
            } catch (const std::invalid_argument& error) {
                refuse(one, what.name, error.what());
            }
        }
    }

    void read_value(const key<Section>& what, const toml::node& node,
                    std::vector<rate_stage>& to) const {
        constexpr std::string_view allowed = "a list of tables { for_s = ..., rate_per_s = ... }";
        for (const toml::node& one : list_of(what, node, allowed)) {
            const toml::table* stage = one.as_table();
            if (stage == nullptr || !stage->contains("for_s") || !stage->contains("rate_per_s"))
                refuse(one, what.name, allowed);
            section_reader<rate_stage> reader(path_, fmt::format("{}{}.", prefix_, what.name));
            reader.read(*stage, to.emplace_back(), {});
        }
    }

    const toml::array& list_of(const key<Section>& what, const toml::node& node,
                               std::string_view allowed) const {
        const toml::array* list = node.as_array();
        if (list == nullptr) refuse(node, what.name, allowed);
        return *list;
    }

    double number(const key<Section>& what, const toml::node& node) const {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (const auto* whole = node.as_integer()) value = static_cast<double>(**whole);
        if (const auto* fraction = node.as_floating_point()) value = **fraction;
        if (!(value >= what.min && value <= what.max))
            refuse(node, what.name, allowed_numbers(what.min, what.max, what.unit, false));
        return value;
    }

    /// { uniform = [10, 50] }, { exponential = 30 } or { log_normal = [20, 90] }.
    distribution read_shape(const key<Section>& what, const toml::table& from) const {
        constexpr std::string_view allowed =
            "a number, { uniform = [LEAST, MOST] }, { exponential = MEAN } or "
            "{ log_normal = [MEDIAN, P95] }";
        if (from.size() != 1) refuse(from, what.name, allowed);
        const auto only = from.begin();
        const std::string_view name = only->first.str();
        if (name == "exponential") return {shape::exponential, number(what, only->second), 0};
        const toml::array* pair = only->second.as_array();
        const bool uniform = name == "uniform";
        if ((!uniform && name != "log_normal") || pair == nullptr || pair->size() != 2)
            refuse(from, what.name, allowed);
        const distribution read = {uniform ? shape::uniform : shape::log_normal,
                                   number(what, (*pair)[0]), number(what, (*pair)[1])};
        if (read.b < read.a) refuse((*pair)[1], what.name, fmt::format("{:g} and more", read.a));
        if (!uniform && read.a <= 0) refuse((*pair)[0], what.name, "more than 0 ms");
        return read;
    }

    static std::string listed(const std::vector<std::string>& choices) {
        std::string out;
        for (const std::string& one : choices)
            out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", one);
        return out;
    }

    const std::string& path_;
    std::string prefix_;
};

/// A table of the file that may be missing.
template <class Section>
void read_part(const toml::table& from, const char* name, const std::string& path, Section& to) {
    const toml::node* node = from.get(name);
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    section_reader<scenario_file> file(path, "");
    if (table == nullptr) file.refuse(*node, name, fmt::format("a table, [{}]", name));
    section_reader<Section> reader(path, fmt::format("{}.", name));
    reader.read(*table, to, {});
}

void read_users(const toml::table& from, const std::string& path, std::vector<user_kind>& to) {
    const toml::node* node = from.get("users");
    if (node == nullptr) return;
    constexpr std::string_view allowed = "one or more tables, [[users]]";
    section_reader<scenario_file> file(path, "");
    const toml::array* list = node->as_array();
    if (list == nullptr) file.refuse(*node, "users", allowed);
    for (const toml::node& one : *list) {
        const toml::table* kind = one.as_table();
        if (kind == nullptr) file.refuse(one, "users", allowed);
        section_reader<user_kind> reader(path, fmt::format("users[{}].", to.size() + 1));
        reader.read(*kind, to.emplace_back(), {});
    }
}

toml::table parse(std::string_view text, const std::string& path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        throw tools::usage_error(fmt::format("{}:{}: {}", tools::printable(path),
                                             error.source().begin.line,
                                             tools::printable(error.description())));
    }
}

std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(max_bytes + 1, '\0');
    if (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && !in.eof()) {
        throw tools::usage_error(fmt::format("{}: cannot be read; allowed: a scenario file (TOML)",
                                             tools::printable(path)));
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_bytes) {
        throw tools::usage_error(fmt::format(
            "{}: too large; allowed: a scenario file of at most 1 MiB", tools::printable(path)));
    }
    return text;
}

}  // namespace

scenario_file parse_scenario_file(std::string_view text, const std::string& path) {
    const toml::table root = parse(text, path);
    scenario_file file;
    constexpr std::array<std::string_view, 3> parts = {"limits", "arrival", "users"};
    section_reader<scenario_file>(path, "").read(root, file, parts);
    read_part(root, "limits", path, file.limits);
    read_part(root, "arrival", path, file.arrival);
    read_users(root, path, file.users);
    check_file(file, path, root.contains("duration_s"));
    return file;
}

scenario_file read_scenario_file(const std::string& path) {
    return parse_scenario_file(bytes_of(path), path);
}

}  // namespace admit::load
