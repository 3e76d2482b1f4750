// SPDX-License-Identifier: BSL-1.0
// The keys of the JSON report, and where each value is kept. One table for each struct: json.cpp
// writes by it, read_report.cpp reads by it.
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>

#include "common/origin.hpp"
#include "load/runner.hpp"

namespace admit::load {

/// A key with its value: `get` is a member, or a function that returns a reference.
template <class Get>
struct field {
    std::string_view key;
    Get get;
};

/// A key that is there only if `present` says so of the whole struct.
template <class Get, class Present>
struct optional_field {
    std::string_view key;
    Get get;
    Present present;
};

/// A key that follows from others: `get` computes it. The reader compares.
template <class Get>
struct derived {
    std::string_view key;
    Get get;
};

/// A key with an object that has more fields of the same struct.
template <class Fields, class Present>
struct group {
    std::string_view key;
    Fields fields;
    Present present;
};

inline constexpr auto always = [](const auto&) { return true; };

/// The fields of a struct, in the order of the report.
template <class T>
inline constexpr int fields_of = 0;

template <class T>
concept has_fields = !std::is_same_v<std::remove_cvref_t<decltype(fields_of<T>)>, int>;

template <>
inline constexpr auto fields_of<tools::machine> =
    std::tuple{field{"processor", &tools::machine::processor},
               field{"cores", &tools::machine::cores}, field{"system", &tools::machine::system}};

template <>
inline constexpr auto fields_of<tools::origin> =
    std::tuple{field{"tool_version", &tools::origin::tool_version},
               field{"revision", &tools::origin::revision},
               field{"compiler", &tools::origin::compiler},
               field{"flags", &tools::origin::flags},
               field{"machine", &tools::origin::machine},
               field{"date", &tools::origin::date}};

template <>
inline constexpr auto fields_of<response_times> =
    std::tuple{field{"count", &response_times::count},
               field{"min", &response_times::min_ms},
               field{"max", &response_times::max_ms},
               field{"mean", &response_times::mean_ms},
               field{"p50", &response_times::p50_ms},
               field{"p90", &response_times::p90_ms},
               field{"p95", &response_times::p95_ms},
               field{"p99", &response_times::p99_ms},
               field{"p99_9", &response_times::p99_9_ms},
               field{"p99_99", &response_times::p99_99_ms},
               field{"deviation", &response_times::deviation_ms}};

template <>
inline constexpr auto fields_of<check> =
    std::tuple{field{"name", &check::name},
               field{"expected", &check::expected},
               field{"observed", &check::observed},
               field{"passed", &check::passed},
               optional_field{"likely_causes", &check::likely_causes,
                              [](const check& one) { return !one.passed; }},
               optional_field{"threshold", &check::is_threshold,
                              [](const check& one) { return one.is_threshold; }},
               optional_field{"times_better", &check::times_better,
                              [](const check& one) { return one.times_better.has_value(); }}};

template <>
inline constexpr auto fields_of<start_counts> = std::tuple{
    field{"attempts", &start_counts::attempts}, field{"successful", &start_counts::successful},
    derived{"failed", [](const start_counts& all) { return all.failed(); }},
    field{"failed_by_reason", &start_counts::failed_by_reason}};

template <>
inline constexpr auto fields_of<memory_use> =
    std::tuple{field{"before", &memory_use::before_mib}, field{"after", &memory_use::after_mib},
               field{"peak", &memory_use::peak_mib},
               derived{"growth", [](const memory_use& all) { return all.growth_mib(); }}};

template <>
inline constexpr auto fields_of<admit::limits> =
    std::tuple{field{"max_concurrent", &admit::limits::max_concurrent},
               field{"max_per_user", &admit::limits::max_per_user},
               field{"idle_timeout_s", &admit::limits::idle_timeout},
               field{"max_duration_s", &admit::limits::max_duration},
               field{"max_waiting", &admit::limits::max_waiting},
               field{"max_waiting_per_user", &admit::limits::max_waiting_per_user}};

template <>
inline constexpr auto fields_of<user_share> =
    std::tuple{field{"user", &user_share::user}, field{"conversations", &user_share::conversations},
               field{"mean_ms", &user_share::mean_ms}};

template <>
inline constexpr auto fields_of<user_rank> =
    std::tuple{field{"rank", &user_rank::rank}, field{"conversations", &user_rank::conversations}};

template <>
inline constexpr auto fields_of<percentile_point> =
    std::tuple{field{"percent", &percentile_point::percent},
               field{"ms", &percentile_point::value_ms}, field{"count", &percentile_point::count}};

template <>
inline constexpr auto fields_of<series_point> =
    std::tuple{field{"at_s", &series_point::at_s},
               field{"interval_s", &series_point::interval_s},
               field{"active", &series_point::active},
               field{"waiting", &series_point::waiting},
               field{"admitted", &series_point::admitted},
               field{"rejected", &series_point::rejected},
               field{"completed", &series_point::completed},
               field{"p50_ms", &series_point::p50_ms},
               field{"p99_ms", &series_point::p99_ms},
               field{"max_ms", &series_point::max_ms},
               field{"resident_mib", &series_point::resident_mib}};

template <>
inline constexpr auto fields_of<memory_sample> =
    std::tuple{field{"at_s", &memory_sample::at_s}, field{"mib", &memory_sample::resident_mib}};

template <>
inline constexpr auto fields_of<memory_trend> =
    std::tuple{field{"samples", &memory_trend::samples},
               field{"mib_per_minute", &memory_trend::mib_per_minute},
               field{"rise_mib", &memory_trend::rise_mib}};

/// A member of `run_result::measured`, or of `run_result::numbers`.
template <auto Member>
inline constexpr auto measured = [](auto& run) -> auto& {
    return run.measured.*Member;
};
template <auto Member>
inline constexpr auto planned = [](auto& run) -> auto& {
    return run.numbers.*Member;
};
inline constexpr auto checks_of = [](auto& run) -> auto& { return run.checks; };
template <auto Outer, auto Member>
inline constexpr auto within = [](auto& run) -> auto& {
    return run.measured.*Outer.*Member;
};

/// What only runs of scenario files have.
inline constexpr auto of_a_file = [](const run_result& run) { return run.numbers.from_file; };
inline constexpr auto file_fields = std::tuple{
    derived{"valid", [](const run_result& run) { return run.valid(); }},
    derived{"invalid_because", [](const run_result& run) { return run.invalid_because(); }},
    field{"text", planned<&plan::text>},
    field{"repeat", &run_result::repeat},
    field{"repeats", &run_result::repeats},
    field{"seed", planned<&plan::seed>},
    field{"planned", within<&metrics::arrivals, &arrival_counts::planned>},
    field{"late", within<&metrics::arrivals, &arrival_counts::late>},
    field{"late_allowed_percent", planned<&plan::late_arrivals_percent>},
    field{"longest_delay_ms", within<&metrics::arrivals, &arrival_counts::longest_delay_ms>},
    field{"given_up", within<&metrics::starts, &start_counts::given_up>},
    field{"expired", measured<&metrics::expired>},
    field{"thrown", measured<&metrics::thrown>},
    field{"false_rejections", measured<&metrics::false_rejections>},
    field{"fairness", measured<&metrics::fairness>}};

inline constexpr auto distribution_fields =
    std::tuple{field{"response", measured<&metrics::distribution>},
               field{"service", measured<&metrics::service_distribution>},
               field{"queue_wait", measured<&metrics::wait_distribution>}};

template <>
inline constexpr auto fields_of<run_result> =
    std::tuple{field{"name", planned<&plan::scenario>},
               field{"threads", planned<&plan::threads>},
               derived{"passed", [](const run_result& run) { return run.passed(); }},
               field{"interrupted", &run_result::interrupted},
               field{"checks", checks_of},
               field{"response_time_ms", measured<&metrics::response>},
               field{"queue_wait_ms", measured<&metrics::queue_wait>},
               field{"starts", measured<&metrics::starts>},
               field{"completions", measured<&metrics::completions>},
               derived{"success_rate_percent",
                       [](const run_result& run) { return run.measured.success_rate_percent(); }},
               derived{"admitted_percent",
                       [](const run_result& run) { return run.measured.admitted_percent(); }},
               field{"duration_s", measured<&metrics::duration_s>},
               derived{"throughput_per_s",
                       [](const run_result& run) { return run.measured.throughput_per_s(); }},
               field{"memory_mib", measured<&metrics::memory>},
               field{"max_active", measured<&metrics::max_active>},
               field{"limits", planned<&plan::limits>},
               field{"users", planned<&plan::users>},
               field{"wait_s", planned<&plan::wait>},
               field{"max_active_of_a_user", measured<&metrics::max_active_of_a_user>},
               field{"late_samples", measured<&metrics::late_samples>},
               optional_field{"service_time_ms", measured<&metrics::service>, of_a_file},
               group{"file", file_fields, of_a_file},
               field{"figures", &run_result::figures},
               field{"per_kind", measured<&metrics::kinds>},
               field{"per_user", measured<&metrics::users>},
               field{"user_ranks", measured<&metrics::user_ranks>},
               group{"distribution", distribution_fields, always},
               field{"series", measured<&metrics::series>},
               field{"memory_samples", within<&metrics::memory, &memory_use::samples>},
               field{"memory_trend", within<&metrics::memory, &memory_use::trend>}};

}  // namespace admit::load
