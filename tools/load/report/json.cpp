// SPDX-License-Identifier: BSL-1.0
#include "load/report/json.hpp"

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

#include "load/report/fields.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;

/// Numbers, words and texts.
template <class T>
json of(const T& plain) {
    return plain;
}

template <class T>
requires has_fields<T> json of(const T& item);
template <class T>
json of(const std::vector<T>& items);
json of(const memory_trend& trend);

json of(const value& shown) {
    return std::visit([](const auto& plain) { return json(plain); }, shown);
}

/// `null` for a time without an end.
json of(const admit::duration& length) {
    if (length >= admit::never) return nullptr;
    return std::chrono::duration<double>(length).count();
}
json of(const admit::saturating_duration& length) {
    return of(static_cast<const admit::duration&>(length));
}

template <class T>
json of(const std::optional<T>& item) {
    return item ? of(*item) : json(nullptr);
}

json of(const checklist& checks) { return of(checks.all()); }

json of(const std::vector<kind_of_work>& kinds) {
    json node = json::object();
    for (const kind_of_work& kind : kinds) node[kind.name] = of(kind.response);
    return node;
}

/// Reasons that occurred.
json of(const std::array<std::uint64_t, reason_names.size()>& counts) {
    json node = json::object();
    for (std::size_t reason = 0; reason < counts.size(); ++reason)
        if (counts[reason] > 0) node[std::string(reason_names[reason])] = counts[reason];
    return node;
}

template <class Fields, class T>
json object(const Fields& fields, const T& item);

template <class T, class Get>
void add(json& node, const T& item, const field<Get>& one) {
    node[std::string(one.key)] = of(std::invoke(one.get, item));
}

template <class T, class Get, class Present>
void add(json& node, const T& item, const optional_field<Get, Present>& one) {
    if (one.present(item)) node[std::string(one.key)] = of(std::invoke(one.get, item));
}

template <class T, class Get>
void add(json& node, const T& item, const derived<Get>& one) {
    node[std::string(one.key)] = one.get(item);
}

template <class T, class Fields, class Present>
void add(json& node, const T& item, const group<Fields, Present>& one) {
    if (one.present(item)) node[std::string(one.key)] = object(one.fields, item);
}

template <class Fields, class T>
json object(const Fields& fields, const T& item) {
    json node = json::object();
    std::apply([&](const auto&... one) { (add(node, item, one), ...); }, fields);
    return node;
}

template <class T>
requires has_fields<T> json of(const T& item) { return object(fields_of<T>, item); }

/// Too few samples make no trend.
json of(const memory_trend& trend) {
    return trend.samples == 0 ? json(nullptr) : object(fields_of<memory_trend>, trend);
}

template <class T>
json of(const std::vector<T>& items) {
    json all = json::array();
    for (const T& one : items) all.push_back(of(one));
    return all;
}

}  // namespace

json report_head(const tools::origin& origin) {
    json head = {{"schema_version", 1}, {"tool", "admit-load"}};
    head.update(of(origin));
    return head;
}

json json_value(const std::vector<run_result>& runs, const tools::origin& origin) {
    json report = report_head(origin);
    report["passed"] = judged(runs) == verdict::passed;
    report["scenarios"] = of(runs);
    return report;
}

std::string json_text(const json& report) {
    return report.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

std::string json_report(const std::vector<run_result>& runs) {
    return json_text(json_value(runs, tools::origin_now()));
}

}  // namespace admit::load
