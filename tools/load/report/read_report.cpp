// SPDX-License-Identifier: BSL-1.0
#include "load/report/read_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "load/report/fields.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;

constexpr std::uintmax_t max_bytes = 256 << 20;

/// A value of the report, and where it stands: "scenarios[0].starts.failed".
struct place {
    const json* node;  ///< null: the key is missing
    std::string path;
    std::deque<std::string>* names;  ///< keeps the names of scenarios

    [[noreturn]] void refuse(std::string_view allowed) const {
        std::string shown = "missing";
        if (node != nullptr) {
            shown = node->is_structured()
                        ? (node->is_array() ? "a list" : "an object")
                        : node->dump(-1, ' ', true, json::error_handler_t::replace);
            if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
        }
        throw tools::usage_error(
            fmt::format("{}: {}; allowed: {}", path, tools::printable(shown), allowed));
    }

    place at(std::string_view key) const {
        require(&json::is_object, "an object");
        const auto found = node->find(std::string(key));
        return {found == node->end() ? nullptr : &*found,
                fmt::format("{}{}{}", path, path.ends_with(' ') ? "" : ".", tools::printable(key)),
                names};
    }

    place at(std::size_t index) const {
        return {&(*node)[index], fmt::format("{}[{}]", path, index), names};
    }

    void require(bool (json::*is)() const noexcept, std::string_view allowed) const {
        if (node == nullptr || !(node->*is)()) refuse(allowed);
    }
};

template <class T>
requires has_fields<T>
void read(const place& from, T& to);
template <class T>
void read(const place& from, std::vector<T>& to);
template <class T>
void read(const place& from, std::optional<T>& to);

template <std::unsigned_integral T>
void read(const place& from, T& to) {
    constexpr auto most = std::numeric_limits<T>::max();
    const bool fits = from.node != nullptr && from.node->is_number_unsigned() &&
                      from.node->template get<std::uint64_t>() <= most;
    if (!fits) from.refuse(fmt::format("a whole number, 0 to {}", most));
    to = from.node->template get<T>();
}

void read(const place& from, bool& to) {
    from.require(&json::is_boolean, "true or false");
    to = from.node->get<bool>();
}

void read(const place& from, double& to) {
    from.require(&json::is_number, "a number");
    to = from.node->get<double>();
}

void read(const place& from, std::string& to) {
    from.require(&json::is_string, "a text");
    to = from.node->get<std::string>();
}

void read(const place& from, std::string_view& to) {
    read(from, from.names->emplace_back());
    to = from.names->back();
}

void read(const place& from, value& to) {
    if (from.node != nullptr && from.node->is_number_float()) {
        to = from.node->get<double>();
    } else if (from.node != nullptr && from.node->is_number_integer()) {
        to = from.node->get<std::int64_t>();
    } else {
        from.require(&json::is_string, "a number or a text");
        to = from.node->get<std::string>();
    }
}

void read(const place& from, admit::duration& to) {
    to = admit::never;
    if (from.node != nullptr && from.node->is_null()) return;
    constexpr double most = 9e9;  // of what a duration holds
    double length = 0;
    if (from.node != nullptr && from.node->is_number()) read(from, length);
    if (from.node == nullptr || !from.node->is_number() || !(length >= 0 && length <= most))
        from.refuse("seconds from 0 to 9e9, or null for no end");
    to = std::chrono::round<admit::duration>(std::chrono::duration<double>(length));
}

void read(const place& from, admit::saturating_duration& to) {
    admit::duration length{};
    read(from, length);
    to = length;
}

void read(const place& from, checklist& to) {
    std::vector<check> made;
    read(from, made);
    to = checklist(std::move(made));
}

void read(const place& from, std::vector<kind_of_work>& to) {
    from.require(&json::is_object, "an object");
    for (const auto& [name, times] : from.node->items())
        read(from.at(name), to.emplace_back(kind_of_work{name, {}}).response);
}

void read(const place& from, std::array<std::uint64_t, reason_names.size()>& to) {
    from.require(&json::is_object, "an object");
    for (const auto& [name, count] : from.node->items()) {
        const auto known = std::find(reason_names.begin(), reason_names.end(), name);
        if (known == reason_names.end())
            from.at(name).refuse(fmt::format("the keys {}", fmt::join(reason_names, ", ")));
        read(from.at(name), to[static_cast<std::size_t>(known - reason_names.begin())]);
    }
}

void read(const place& from, figure_map& to) {
    from.require(&json::is_object, "an object");
    for (const auto& [name, figure] : from.node->items()) read(from.at(name), to[name]);
}

void read(const place& from, memory_trend& to);

// First pass: what is kept.

template <class T, class Get>
void read_into(const place& from, T& to, const field<Get>& one) {
    read(from.at(one.key), std::invoke(one.get, to));
}

template <class T, class Get, class Present>
void read_into(const place& from, T& to, const optional_field<Get, Present>& one) {
    if (const place found = from.at(one.key); found.node != nullptr)
        read(found, std::invoke(one.get, to));
}

template <class T, class Get>
void read_into(const place&, T&, const derived<Get>&) {}

template <class Fields, class T>
void read_fields(const place& from, T& to, const Fields& fields) {
    std::apply([&](const auto&... one) { (read_into(from, to, one), ...); }, fields);
}

template <class T, class Fields, class Present>
void read_into(const place& from, T& to, const group<Fields, Present>& one) {
    if (const place found = from.at(one.key); found.node != nullptr)
        read_fields(found, to, one.fields);
}

// Second pass: what follows from it.

bool agree(const json& a, const json& b) {
    if (!a.is_number() || !b.is_number()) return a == b;
    const double first = a.get<double>();
    return std::abs(first - b.get<double>()) <= 1e-9 * std::max(1.0, std::abs(first));
}

template <class T, class Get>
void compare_with(const place&, const T&, const field<Get>&) {}

template <class T, class Get, class Present>
void compare_with(const place& from, const T& made, const optional_field<Get, Present>& one) {
    const place found = from.at(one.key);
    if ((found.node != nullptr) == one.present(made)) return;
    found.refuse(one.present(made) ? "a value, as the other fields say"
                                   : "no such key, as the other fields say");
}

template <class T, class Get>
void compare_with(const place& from, const T& made, const derived<Get>& one) {
    const json expected = one.get(made);
    const place found = from.at(one.key);
    if (found.node == nullptr || !agree(*found.node, expected))
        found.refuse(fmt::format("{}, as the other fields say", expected.dump()));
}

template <class Fields, class T>
void compare_fields(const place& from, const T& made, const Fields& fields) {
    std::apply([&](const auto&... one) { (compare_with(from, made, one), ...); }, fields);
}

template <class T, class Fields, class Present>
void compare_with(const place& from, const T& made, const group<Fields, Present>& one) {
    if (!one.present(made)) return;
    from.at(one.key).require(&json::is_object, "an object");
    compare_fields(from.at(one.key), made, one.fields);
}

template <class T>
requires has_fields<T>
void read(const place& from, T& to) {
    from.require(&json::is_object, "an object");
    if constexpr (std::is_same_v<T, run_result>) to.numbers.from_file = from.node->contains("file");
    read_fields(from, to, fields_of<T>);
    compare_fields(from, to, fields_of<T>);
}

/// Too few samples make no trend.
void read(const place& from, memory_trend& to) {
    if (from.node != nullptr && from.node->is_null()) return;
    read_fields(from, to, fields_of<memory_trend>);
}

template <class T>
void read(const place& from, std::vector<T>& to) {
    from.require(&json::is_array, "a list");
    to.reserve(from.node->size());
    for (std::size_t index = 0; index < from.node->size(); ++index)
        read(from.at(index), to.emplace_back());
}

template <class T>
void read(const place& from, std::optional<T>& to) {
    if (from.node == nullptr || !from.node->is_null()) read(from, to.emplace());
}

std::string text_of(const std::string& path) {
    const std::string shown = tools::printable(path);
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path))
        throw tools::usage_error(fmt::format("{}: no such file; allowed: a JSON report", shown));
    std::string text;
    std::vector<char> piece(1 << 20);
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > max_bytes)
            throw tools::usage_error(
                fmt::format("{}: too large; allowed: up to {} MiB", shown, max_bytes >> 20));
    }
    return text;
}

void require_constant(const place& from, const json& only) {
    if (from.node == nullptr || *from.node != only) from.refuse(only.dump());
}

}  // namespace

recording read_report(const std::string& path) {
    recording made;
    const json report = json::parse(text_of(path), nullptr, false);
    const place root{&report, tools::printable(path) + ": ", &made.names};
    if (!report.is_object()) {
        throw tools::usage_error(root.path + "no JSON object; allowed: a report that --json wrote");
    }
    require_constant(root.at("tool"), "admit-load");
    require_constant(root.at("schema_version"), 1);
    read(root, made.origin);
    read(root.at("scenarios"), made.runs);
    require_constant(root.at("passed"), judged(made.runs) == verdict::passed);
    return made;
}

}  // namespace admit::load
