// SPDX-License-Identifier: BSL-1.0
// Reads one section of a scenario file into its struct, by the tables of keys.cpp. Used by
// read_file.cpp alone.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "common/nearest.hpp"
#include "common/printable.hpp"
#include "load/file/check_file.hpp"
#include "load/file/keys.hpp"

namespace admit::load {

/// A value as a message shows it: its text, or its type.
inline std::string shown(const toml::node& node) {
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
        const double given = whole != nullptr ? static_cast<double>(**whole) : -1;
        if (whole == nullptr || !(given >= what.min && given <= what.max)) {
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
                    std::optional<threshold>& to) const {
        if (!node.is_string()) refuse(node, what.name, "a text such as \"response_p99_ms < 5\"");
        to = threshold_of(what, node);
    }

    void read_value(const key<Section>& what, const toml::node& node,
                    std::vector<std::string>& to) const {
        const std::string allowed =
            fmt::format("a list of {}", listed(split_choices(what.choices)));
        to.clear();
        for (const toml::node& one : list_of(what, node, allowed)) {
            if (!one.is_string()) refuse(one, what.name, allowed);
            read_value(what, one, to.emplace_back());
        }
    }

    void read_value(const key<Section>& what, const toml::node& node,
                    std::vector<threshold>& to) const {
        constexpr std::string_view allowed = "a list of texts such as \"response_p99_ms < 5\"";
        for (const toml::node& one : list_of(what, node, allowed)) {
            if (!one.is_string()) refuse(one, what.name, allowed);
            to.push_back(threshold_of(what, one));
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

    threshold threshold_of(const key<Section>& what, const toml::node& text) const {
        try {
            return parse_threshold(**text.as_string());
        } catch (const std::invalid_argument& error) {
            refuse(text, what.name, error.what());
        }
    }

    const toml::array& list_of(const key<Section>& what, const toml::node& node,
                               std::string_view allowed) const {
        const toml::array* list = node.as_array();
        if (list == nullptr) refuse(node, what.name, allowed);
        return *list;
    }

    double number(const key<Section>& what, const toml::node& node) const {
        double given = std::numeric_limits<double>::quiet_NaN();
        if (const auto* whole = node.as_integer()) given = static_cast<double>(**whole);
        if (const auto* fraction = node.as_floating_point()) given = **fraction;
        if (!(given >= what.min && given <= what.max))
            refuse(node, what.name, allowed_numbers(what.min, what.max, what.unit, false));
        return given;
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

}  // namespace admit::load
