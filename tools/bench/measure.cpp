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

#include "bench/crew.hpp"

namespace admit::bench {
namespace {

constexpr const char* before_counter = "line_before";
constexpr const char* after_counter = "line_after";
constexpr const char* disturbed_counter = "disturbed";

// A part of the operations is done beforehand: the rows between have filled the caches.
constexpr std::uint64_t warm_up_part = 4;

/// Takes the rounds of all rows from google-benchmark.
class collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }

    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& one : runs) {
            if (one.error_occurred) {
                throw_later_ = fmt::format("{}: {}", one.run_name.function_name, one.error_message);
            } else if (one.run_type == Run::RT_Iteration) {
                samples_[one.run_name.function_name].push_back(
                    {one.GetAdjustedRealTime(), counter(one, before_counter),
                     counter(one, after_counter), counter(one, disturbed_counter) != 0});
            }
        }
    }

    /// google-benchmark is not to be left by an exception.
    void throw_errors() const {
        if (!throw_later_.empty()) throw std::runtime_error(throw_later_);
    }

    std::vector<sample> samples_of(const row& one) const {
        const auto found = samples_.find(one.name());
        return found == samples_.end() ? std::vector<sample>{} : found->second;
    }

private:
    static double counter(const Run& one, const char* name) {
        const auto found = one.counters.find(name);
        return found == one.counters.end() ? 0 : found->second.value;
    }

    std::map<std::string, std::vector<sample>> samples_;
    std::string throw_later_;
};

/// Rounds of rows in random order, as google-benchmark interleaves them.
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

class session {
public:
    session(const pace& how, const progress& tell) : how_(how), tell_(tell) { initialize_once(); }

    void observe(const std::vector<observation>& all) {
        for (const observation& one : all) {
            tell_(one.name, 0);
            const double value = one.observe(how_.quick);
            figures_[one.name] = {value, value, value, one.unit};
        }
    }

    /// Rows that are compared with each other are measured by one call, in turns.
    void time(std::string_view group, const std::vector<row>& rows) {
        group_ = group;
        passes_ = 0;
        expected_ = rows.size() * (how_.rounds + passes_to_calibrate);
        std::vector<row> unfinished = rows;
        for (std::size_t i = 0; i < how_.attempts && !unfinished.empty(); ++i) {
            take_rounds(unfinished);
            note_line_price(rows);
            std::erase_if(unfinished, [&](const row& one) {
                const auto so_far = figure_of(one);
                return so_far && so_far->rounds >= how_.rounds;
            });
        }
        // The regime is judged by all that was measured, so only now.
        for (const row& one : rows) {
            if (const auto sum = figure_of(one)) figures_[one.name()] = *sum;
        }
    }

    void time(const curve& over) {
        std::vector<row> points;
        for (const curve::series& line : over.lines) {
            points.insert(points.end(), line.points.begin(), line.points.end());
        }
        time(over.name, points);
        if (const auto times = growth(over, figures_)) {
            figures_[over.growth()] = {*times, *times, *times, "x"};
        }
    }

    figures take() { return std::move(figures_); }

private:
    // A guess, for the progress bar: google-benchmark multiplies the operations by ten until a
    // round takes long enough.
    static constexpr std::size_t passes_to_calibrate = 6;

    void take_rounds(const std::vector<row>& rows) {
        benchmark::ClearRegisteredBenchmarks();
        for (const row& one : rows) {
            benchmark::RegisterBenchmark(
                one.name().c_str(), [this, &one](benchmark::State& state) { round(state, one); })
                ->UseManualTime()
                ->MinTime(how_.seconds / one.batch)
                ->Repetitions(static_cast<int>(how_.rounds));
        }
        benchmark::RunSpecifiedBenchmarks(&collector_, "all");
        collector_.throw_errors();
    }

    void round(benchmark::State& state, const row& one) {
        tell_(group_, static_cast<double>(passes_++) / static_cast<double>(expected_));
        workload& work = made(one);
        crew threads(one.threads);
        const double before = one.threads > 1 ? threads.line_price() : 0;
        // All iterations in one pass. Each is a batch: should the system stop a thread while
        // google-benchmark finds out how many make a round, it is still more than a few operations.
        const auto all = state.max_iterations;
        const auto operations = static_cast<std::uint64_t>(all) * one.batch;
        threads.run(work, one.threads, operations / warm_up_part);
        while (state.KeepRunningBatch(all)) {
            const crew::pass seen = threads.run(work, one.threads, operations);
            state.SetIterationTime(std::chrono::duration<double>(seen.took).count() / one.batch);
            state.counters[disturbed_counter] = seen.disturbed ? 1 : 0;
        }
        if (one.threads > 1) {
            state.counters[before_counter] = before;
            state.counters[after_counter] = threads.line_price();
        }
        if (work.unexpected() != 0) state.SkipWithError("an operation had another outcome");
    }

    /// Workloads live to the end: an engine that is gone leaves its memory to the next one, which
    /// would then have more of it than it asked for.
    workload& made(const row& one) {
        auto& work = workloads_[one.name()];
        if (!work) work = one.make();
        return *work;
    }

    /// The usual price of a line among these rows, which are compared with each other.
    void note_line_price(const std::vector<row>& rows) {
        std::vector<double> prices;
        for (const row& one : rows) {
            if (one.threads == 1) continue;
            for (const sample& each : collector_.samples_of(one)) {
                prices.push_back(each.line_before);
            }
        }
        if (prices.empty()) return;
        const auto middle = prices.begin() + static_cast<std::ptrdiff_t>(prices.size() / 2);
        std::nth_element(prices.begin(), middle, prices.end());
        line_price_ = *middle;
    }

    std::optional<figure> figure_of(const row& one) const {
        return summary(collector_.samples_of(one), line_price_);
    }

    const pace& how_;
    const progress& tell_;
    collector collector_;
    std::map<std::string, std::unique_ptr<workload>> workloads_;
    figures figures_;
    double line_price_ = 0;  // the usual one
    std::string_view group_;
    std::size_t passes_ = 0;
    std::size_t expected_ = 1;
};

}  // namespace

std::size_t groups_of(const catalog& asked) {
    return asked.observations.size() + 1 + asked.curves.size();
}

figures measure(const catalog& asked, const pace& how, const progress& tell) {
    session all(how, tell);
    all.observe(asked.observations);
    all.time("rows", asked.rows);
    for (const curve& one : asked.curves) all.time(one);
    return all.take();
}

}  // namespace admit::bench
