// SPDX-License-Identifier: BSL-1.0
#include "metrics/families.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace admit {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using figures = detail::engine_figures;

/// The longest bound of a histogram; see the header for the others.
constexpr std::uint64_t longest_bound = std::uint64_t{1} << 24;  // ms: 4.7 hours

struct reason {
    std::string_view name;
    std::uint64_t rejections::*count;
};
constexpr std::array<reason, 7> reasons{{{"shutting_down", &rejections::shutting_down},
                                         {"global_limit", &rejections::global_limit},
                                         {"invalid_user_id", &rejections::invalid_user_id},
                                         {"user_limit", &rejections::user_limit},
                                         {"queue_full", &rejections::queue_full},
                                         {"user_queue_full", &rejections::user_queue_full},
                                         {"wait_timeout", &rejections::wait_timeout}}};
static_assert(sizeof(rejections) == reasons.size() * sizeof(std::uint64_t));

struct ending {
    status how;
    std::uint64_t endings::*count;
};
constexpr std::array<ending, 6> all_endings{{{status::completed, &endings::completed},
                                             {status::idle, &endings::idle},
                                             {status::timed_out, &endings::timed_out},
                                             {status::error, &endings::error},
                                             {status::drained, &endings::drained},
                                             {status::cancelled, &endings::cancelled}}};
static_assert(sizeof(endings) == all_endings.size() * sizeof(std::uint64_t));

double seconds(duration length) noexcept { return std::chrono::duration<double>{length}.count(); }

/// The counts of an engine's histogram up to each power of two.
ClientMetric::Histogram histogram_of(const histogram& from) {
    ClientMetric::Histogram result;
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket) {
        below += from.counts[bucket];
        const auto bound =
            std::chrono::duration_cast<std::chrono::milliseconds>(histogram::bound(bucket));
        const auto ms = static_cast<std::uint64_t>(bound.count());
        if (std::has_single_bit(ms) && ms <= longest_bound)
            result.bucket.push_back({below, seconds(bound)});
    }
    result.bucket.push_back({below, std::numeric_limits<double>::infinity()});
    result.sample_count = below;
    result.sample_sum = from.sum.count();
    return result;
}

/// Makes families, each with the figures of all engines.
class family_maker {
public:
    explicit family_maker(std::span<const scraped_engine> engines) : engines_(engines) {}

    template <class Value>
    void gauge(const char* name, const char* help, Value value) {
        add(name, help, MetricType::Gauge, [&](const scraped_engine& each) {
            put(each).gauge.value = static_cast<double>(value(each.figures));
        });
    }
    template <class Value>
    void counter(const char* name, const char* help, Value value) {
        add(name, help, MetricType::Counter, [&](const scraped_engine& each) {
            put(each).counter.value = static_cast<double>(value(each.figures));
        });
    }
    template <class Value>
    void histogram(const char* name, const char* help, Value value) {
        add(name, help, MetricType::Histogram, [&](const scraped_engine& each) {
            if (const std::optional<admit::histogram>& from = value(each.figures))
                put(each).histogram = histogram_of(*from);
        });
    }

    void limits() {
        add("admit_limit", "Conversations that may be active at once: all, and of each user.",
            MetricType::Gauge, [&](const scraped_engine& each) {
                const admit::limits& limits = each.figures.stats.limits;
                put(each, "scope", "all").gauge.value = static_cast<double>(limits.max_concurrent);
                put(each, "scope", "user").gauge.value = static_cast<double>(limits.max_per_user);
            });
    }
    void rejected() {
        add("admit_rejected_total", "Rejected admissions, by reason.", MetricType::Counter,
            [&](const scraped_engine& each) {
                for (const reason& why : reasons)
                    put(each, "reason", why.name).counter.value =
                        static_cast<double>(each.figures.stats.rejected.*why.count);
            });
    }
    void ended() {
        add("admit_ended_total", "Ended conversations, by status.", MetricType::Counter,
            [&](const scraped_engine& each) {
                for (const ending& one : all_endings)
                    put(each, "status", to_string(one.how)).counter.value =
                        static_cast<double>(each.figures.stats.ended.*one.count);
            });
    }

    std::vector<MetricFamily> take() { return std::move(families_); }

private:
    template <class Fill>
    void add(const char* name, const char* help, MetricType type, Fill fill) {
        families_.push_back({name, help, type, {}});
        for (const scraped_engine& each : engines_) fill(each);
        if (families_.back().metric.empty()) families_.pop_back();
    }

    /// A further figure of an engine, in the last family.
    ClientMetric& put(const scraped_engine& engine) {
        ClientMetric& made = families_.back().metric.emplace_back();
        made.label.push_back({"engine", engine.name});
        return made;
    }
    ClientMetric& put(const scraped_engine& engine, const char* label, std::string_view value) {
        ClientMetric& made = put(engine);
        made.label.push_back({label, std::string{value}});
        return made;
    }

    std::span<const scraped_engine> engines_;
    std::vector<MetricFamily> families_;
};

}  // namespace

std::vector<MetricFamily> families_of(std::span<const scraped_engine> engines) {
    family_maker make{engines};
    make.gauge("admit_active", "Conversations active now.",
               [](const figures& of) { return of.stats.active; });
    make.limits();
    make.gauge("admit_users", "Users with at least one conversation now.",
               [](const figures& of) { return of.stats.users; });
    make.gauge("admit_waiting", "Admissions that wait for room now.",
               [](const figures& of) { return of.stats.waiting; });
    make.gauge("admit_oldest_wait_seconds",
               "Age of the oldest admission that waits; 0 if none waits.",
               [](const figures& of) { return seconds(of.oldest_wait); });
    make.gauge("admit_overdue_seconds",
               "How long a conversation has been due to expire; 0 if none is due.",
               [](const figures& of) { return seconds(of.overdue); });
    make.counter("admit_admitted_total", "Admitted conversations.",
                 [](const figures& of) { return of.stats.admitted; });
    make.rejected();
    make.ended();
    make.counter("admit_overstayed_total",
                 "Conversations that lost their slots because their bodies did not end.",
                 [](const figures& of) { return of.stats.overstayed; });
    make.histogram(
        "admit_wait_seconds", "How long the admissions had waited that were admitted after a wait.",
        [](const figures& of) -> const std::optional<histogram>& { return of.stats.wait_times; });
    make.histogram(
        "admit_duration_seconds", "How long the ended conversations lasted.",
        [](const figures& of) -> const std::optional<histogram>& { return of.stats.hold_times; });
    return make.take();
}

}  // namespace admit
