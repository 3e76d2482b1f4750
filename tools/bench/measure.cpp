// SPDX-License-Identifier: BSL-1.0
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/thread_team.hpp"

namespace admit::bench {
namespace {

constexpr const char* before_counter = "transfer_before";
constexpr const char* after_counter = "transfer_after";
constexpr const char* disturbed_counter = "disturbed";

// A quarter of the operations runs untimed first, because other rows have filled the caches.
constexpr std::uint64_t warm_up_divisor = 4;

/// Receives the rounds of all rows from google-benchmark.
class collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }

    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.error_occurred) {
                error_ = fmt::format("{}: {}", run.run_name.function_name, run.error_message);
            } else if (run.run_type == Run::RT_Iteration) {
                samples_[run.run_name.function_name].push_back(
                    {run.GetAdjustedRealTime(), counter(run, before_counter),
                     counter(run, after_counter), counter(run, disturbed_counter) != 0});
            }
        }
    }

    /// Throws after google-benchmark has returned: it does not expect exceptions.
    void throw_error() const {
        if (!error_.empty()) throw std::runtime_error(error_);
    }

    std::vector<sample> samples_of(const row& item) const {
        const auto found = samples_.find(item.name());
        return found == samples_.end() ? std::vector<sample>{} : found->second;
    }

private:
    static double counter(const Run& run, const char* name) {
        const auto found = run.counters.find(name);
        return found == run.counters.end() ? 0 : found->second.value;
    }

    std::map<std::string, std::vector<sample>> samples_;
    std::string error_;
};

/// Makes google-benchmark take the rounds of all rows in random order.
void initialize_once() {
    static const bool done = [] {
        char name[] = "admit-bench";
        char interleaved[] = "--benchmark_enable_random_interleaving=true";
        char* arguments[] = {name, interleaved, nullptr};
        int count = 2;
        benchmark::Initialize(&count, arguments);
        return true;
    }();
    static_cast<void>(done);
}

class measurement {
public:
    measurement(const sampling& how, const progress& report) : how_(how), report_(report) {
        initialize_once();
    }

    void observe(const std::vector<observation>& all) {
        for (const observation& item : all) {
            report_(item.name, 0);
            const double value = item.observe(how_.quick);
            figures_[item.name] = {value, value, value, item.unit};
        }
    }

    /// Measures rows that are compared with each other: their rounds are interleaved.
    void time(std::string_view group, const std::vector<row>& rows) {
        group_ = group;
        passes_ = 0;
        expected_ = rows.size() * (how_.rounds + calibration_passes);
        std::vector<row> unfinished = rows;
        for (std::size_t i = 0; i < how_.attempts && !unfinished.empty(); ++i) {
            take_rounds(unfinished);
            note_transfer(rows);
            std::erase_if(unfinished, [&](const row& item) {
                const auto so_far = figure_of(item);
                return so_far && so_far->rounds >= how_.rounds;
            });
        }
        // Only now, because the usual regime depends on all rounds.
        for (const row& item : rows) {
            if (const auto sum = figure_of(item)) figures_[item.name()] = *sum;
        }
    }

    void time(const curve& shape) {
        std::vector<row> points;
        for (const curve::series& line : shape.lines) {
            points.insert(points.end(), line.points.begin(), line.points.end());
        }
        time(shape.name, points);
        if (const auto times = growth(shape, figures_)) {
            figures_[shape.growth()] = {*times, *times, *times, "x"};
        }
    }

    figures take() { return std::move(figures_); }

private:
    // An estimate for the progress bar: google-benchmark multiplies the number of operations by ten
    // until a round takes long enough.
    static constexpr std::size_t calibration_passes = 6;

    void take_rounds(const std::vector<row>& rows) {
        benchmark::ClearRegisteredBenchmarks();
        for (const row& item : rows) {
            benchmark::RegisterBenchmark(
                item.name().c_str(), [this, &item](benchmark::State& state) { round(state, item); })
                ->UseManualTime()
                ->MinTime(how_.seconds / item.batch)
                ->Repetitions(static_cast<int>(how_.rounds));
        }
        benchmark::RunSpecifiedBenchmarks(&collector_, "all");
        collector_.throw_error();
    }

    void round(benchmark::State& state, const row& item) {
        report_(group_, static_cast<double>(passes_++) / static_cast<double>(expected_));
        workload& work = workload_of(item);
        thread_team team(item.threads);
        const double before = item.threads > 1 ? team.line_transfer_ns() : 0;
        // All iterations are one pass, and each is a batch of operations. So a round keeps its
        // length even if a thread is stopped while google-benchmark calibrates.
        const auto all = state.max_iterations;
        const auto operations = static_cast<std::uint64_t>(all) * item.batch;
        team.run(work, item.threads, operations / warm_up_divisor);
        while (state.KeepRunningBatch(all)) {
            const thread_team::pass seen = team.run(work, item.threads, operations);
            state.SetIterationTime(std::chrono::duration<double>(seen.took).count() / item.batch);
            state.counters[disturbed_counter] = seen.disturbed ? 1 : 0;
        }
        if (item.threads > 1) {
            state.counters[before_counter] = before;
            state.counters[after_counter] = team.line_transfer_ns();
        }
        if (work.unexpected() != 0) state.SkipWithError("an operation had an unexpected outcome");
    }

    /// Workloads live to the end of the measurement. An engine reuses the memory of a destroyed
    /// engine, and would get more of it than it asks for.
    workload& workload_of(const row& item) {
        auto& work = workloads_[item.name()];
        if (!work) work = item.make();
        return *work;
    }

    /// Stores the usual cost of a shared line during these rows: the upper median. An average of
    /// two regimes would belong to neither.
    void note_transfer(const std::vector<row>& rows) {
        std::vector<double> costs;
        for (const row& item : rows) {
            if (item.threads == 1) continue;
            for (const sample& round : collector_.samples_of(item)) {
                costs.push_back(round.transfer_before);
            }
        }
        if (costs.empty()) return;
        const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
        std::nth_element(costs.begin(), middle, costs.end());
        usual_transfer_ = *middle;
    }

    std::optional<figure> figure_of(const row& item) const {
        return summary(collector_.samples_of(item), usual_transfer_);
    }

    const sampling& how_;
    const progress& report_;
    collector collector_;
    std::map<std::string, std::unique_ptr<workload>> workloads_;
    figures figures_;
    double usual_transfer_ = 0;
    std::string_view group_;
    std::size_t passes_ = 0;
    std::size_t expected_ = 1;
};

}  // namespace

std::size_t groups_of(const catalog& requested) {
    return requested.observations.size() + 1 + requested.curves.size();
}

figures measure(const catalog& requested, const sampling& how, const progress& report) {
    measurement all(how, report);
    all.observe(requested.observations);
    all.time("rows", requested.rows);
    for (const curve& shape : requested.curves) all.time(shape);
    return all.take();
}

}  // namespace admit::bench
