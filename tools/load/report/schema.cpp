// SPDX-License-Identifier: BSL-1.0
#include "load/report/schema.hpp"

#include <functional>
#include <nlohmann/json.hpp>

#include "load/report/fields.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;

template <class T>
struct type_of;

template <class T>
json schema() {
    return type_of<T>::schema();
}

template <>
struct type_of<bool> {
    static json schema() { return {{"type", "boolean"}}; }
};
template <std::unsigned_integral T>
struct type_of<T> {
    static json schema() { return {{"type", "integer"}, {"minimum", 0}}; }
};
template <>
struct type_of<double> {
    static json schema() { return {{"type", "number"}}; }
};
template <class T>
requires std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>
struct type_of<T> {
    static json schema() { return {{"type", "string"}}; }
};
template <>
struct type_of<value> {
    static json schema() { return {{"type", {"number", "string"}}}; }
};
/// Seconds; `null` is a time without an end.
template <class T>
requires std::is_same_v<T, admit::duration> || std::is_same_v<T, admit::saturating_duration>
struct type_of<T> {
    static json schema() { return {{"type", {"number", "null"}}, {"minimum", 0}}; }
};

json or_null(json one) { return {{"anyOf", {std::move(one), {{"type", "null"}}}}}; }

json map_of(json values) {
    return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

template <class T>
struct type_of<std::optional<T>> {
    // Only a value that is there only if it has one is kept as `optional<double>`.
    static json schema() { return has_fields<T> ? or_null(load::schema<T>()) : load::schema<T>(); }
};
template <class T>
struct type_of<std::vector<T>> {
    static json schema() { return {{"type", "array"}, {"items", load::schema<T>()}}; }
};
template <>
struct type_of<checklist> {
    static json schema() { return load::schema<std::vector<check>>(); }
};
template <>
struct type_of<std::vector<kind_of_work>> {
    static json schema() { return map_of(load::schema<response_times>()); }
};
template <>
struct type_of<figure_map> {
    static json schema() { return map_of(load::schema<double>()); }
};
template <>
struct type_of<std::array<std::uint64_t, reason_names.size()>> {
    static json schema() {
        json node = map_of(load::schema<std::uint64_t>());
        node["propertyNames"] = {{"enum", reason_names}};
        return node;
    }
};

template <class T, class Get>
using got = std::remove_cvref_t<std::invoke_result_t<Get, T&>>;

void note(json& node, std::string_view key, json one, bool required) {
    node["properties"][std::string(key)] = std::move(one);
    if (required) node["required"].push_back(key);
}

template <class T, class Fields>
json object(const Fields& fields);

template <class T, class Get>
void add(json& node, const field<Get>& one) {
    note(node, one.key, schema<got<T, Get>>(), true);
}
template <class T, class Get, class Present>
void add(json& node, const optional_field<Get, Present>& one) {
    note(node, one.key, schema<got<T, Get>>(), false);
}
template <class T, class Get>
void add(json& node, const derived<Get>& one) {
    note(node, one.key, schema<got<T, Get>>(), true);
}
template <class T, class Fields, class Present>
void add(json& node, const group<Fields, Present>& one) {
    constexpr bool required = std::is_same_v<Present, std::remove_const_t<decltype(always)>>;
    note(node, one.key, object<T>(one.fields), required);
}

template <class T, class Fields>
json object(const Fields& fields) {
    json node = {{"type", "object"}, {"properties", json::object()}, {"required", json::array()}};
    std::apply([&](const auto&... one) { (add<T>(node, one), ...); }, fields);
    return node;
}

template <class T>
requires has_fields<T>
struct type_of<T> {
    static json schema() {
        json node = object<T>(fields_of<T>);
        return std::is_same_v<T, memory_trend> ? or_null(std::move(node)) : node;
    }
};

}  // namespace

std::string report_schema() {
    json whole = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                  {"title", "The results of admit-load"}};
    whole.update(schema<tools::origin>());
    note(whole, "schema_version", {{"const", 1}}, true);
    note(whole, "tool", {{"const", "admit-load"}}, true);
    note(whole, "passed", schema<bool>(), true);
    note(whole, "scenarios", schema<std::vector<run_result>>(), true);
    return whole.dump(2) + '\n';
}

}  // namespace admit::load
