// SPDX-License-Identifier: BSL-1.0
// From TOML (toml++) to values, by the tables of keys.cpp. What one key alone cannot show is
// checked in check_file.cpp.
#include "load/file/read_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>
#include <vector>

#include "common/option_values.hpp"
#include "load/file/section_reader.hpp"

namespace admit::load {
namespace {

constexpr std::size_t max_bytes = std::size_t{1} << 20;

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

/// A list of tables that may be missing.
template <class Section>
void read_list(const toml::table& from, const char* name, const std::string& path,
               std::vector<Section>& to) {
    const toml::node* node = from.get(name);
    if (node == nullptr) return;
    const std::string allowed = fmt::format("one or more tables, [[{}]]", name);
    section_reader<scenario_file> file(path, "");
    const toml::array* list = node->as_array();
    if (list == nullptr) file.refuse(*node, name, allowed);
    for (const toml::node& one : *list) {
        const toml::table* table = one.as_table();
        if (table == nullptr) file.refuse(one, name, allowed);
        section_reader<Section> reader(path, fmt::format("{}[{}].", name, to.size() + 1));
        reader.read(*table, to.emplace_back(), {});
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

/// Moves the keys of `changes` to the place of those of `base`; tables within them key by key. A
/// copy would have no lines for messages.
void put_over(toml::table& base, toml::table& changes) {
    for (auto&& [name, node] : changes) {
        toml::table* old = base[name].as_table();
        toml::table* table = node.as_table();
        if (old != nullptr && table != nullptr) {
            put_over(*old, *table);
        } else {
            node.visit([&, &key = name](auto& one) { base.insert_or_assign(key, std::move(one)); });
        }
    }
}

constexpr std::array<std::pair<variant, std::string_view>, 3> variant_names = {
    {{variant::quick, "quick"}, {variant::full, "full"}, {variant::waiting, "waiting"}}};

/// Takes the tables of all variants out of the file, and puts the wanted ones over it, in order.
void apply_variants(toml::table& root, std::span<const variant> wanted, const std::string& path) {
    section_reader<scenario_file> file(path, "");
    std::vector<toml::table> changes;
    for (const auto& [one, name] : variant_names) {
        toml::node* node = root.get(name);
        if (node == nullptr) continue;
        if (!node->is_table()) file.refuse(*node, name, fmt::format("a table, [{}]", name));
        if (std::find(wanted.begin(), wanted.end(), one) != wanted.end())
            changes.push_back(std::move(*node->as_table()));
        root.erase(name);
    }
    for (toml::table& one : changes) put_over(root, one);
}

/// The text, or its first lines and a line that says so.
std::string bounded(std::string_view text) {
    if (text.size() <= max_text) return std::string(text);
    constexpr std::string_view cut = "# ... the rest is left out\n";
    const std::size_t end = text.rfind('\n', max_text - cut.size() - 1);
    return fmt::format("{}{}", text.substr(0, end == std::string_view::npos ? 0 : end + 1), cut);
}

scenario_file read_root(const toml::table& root, const std::string& path) {
    scenario_file file;
    constexpr std::array<std::string_view, 5> parts = {"limits", "arrival", "users", "steps",
                                                       "bounds"};
    section_reader<scenario_file>(path, "").read(root, file, parts);
    read_part(root, "limits", path, file.limits);
    read_part(root, "arrival", path, file.arrival);
    read_list(root, "users", path, file.users);
    read_list(root, "steps", path, file.steps);
    read_list(root, "bounds", path, file.bounds);
    check_file(file, path, root.contains("duration_s"));
    return file;
}

}  // namespace

scenario_file parse_scenario_file(std::string_view text, const std::string& path,
                                  std::span<const variant> wanted) {
    const auto read = [&](std::span<const variant> variants) {
        toml::table root = parse(text, path);
        apply_variants(root, variants, path);
        return read_root(root, path);
    };
    for (const auto& [one, name] : variant_names) read(std::array{one});  // for its errors alone
    scenario_file file = read(wanted);
    file.text = bounded(text);
    return file;
}

scenario_file read_scenario_file(const std::string& path, std::span<const variant> wanted) {
    return parse_scenario_file(bytes_of(path), path, wanted);
}

}  // namespace admit::load
