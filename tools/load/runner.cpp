// SPDX-License-Identifier: BSL-1.0
#include "load/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <optional>
#include <thread>

#include "common/build_info.hpp"
#include "common/interrupt.hpp"
#include "common/memory_probe.hpp"
#include "common/output.hpp"
#include "load/file/scenario_file.hpp"
#include "load/harness/scenario_run.hpp"
#include "load/metrics_server.hpp"

namespace admit::load {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t max_listed_users = 200;
constexpr std::size_t max_ranks = 500;  // enough for a curve

/// Long enough for a machine that is a hundred times slower than an idle one.
admit::duration default_time_limit(const plan& numbers) {
    const admit::duration for_users =
        static_cast<long>(numbers.distinct_users + numbers.users) * 500us;
    return (60s + 5 * numbers.expected_time + for_users) * (tools::sanitized_build ? 5 : 1);
}

std::vector<std::string> user_names(std::size_t distinct_users) {
    std::vector<std::string> names;
    names.reserve(distinct_users);
    for (std::size_t n = 0; n < distinct_users; ++n)
        names.push_back(fmt::format("{}{}{}", user_id_begin, n, user_id_end));
    return names;
}

/// The first timer opens file descriptors. A lack of them is reported here, before users start.
void open_timer_descriptors(asio::io_context& context) { const asio::steady_timer first(context); }

void run_context(asio::io_context& context, scenario_run& run, std::size_t worker) {
    collector::set_worker(worker);
    while (!context.stopped()) {
        try {
            context.run();
        } catch (...) {
            run.failed(std::current_exception());
        }
    }
}

/// Destroys unfinished coroutines while the objects they refer to still exist.
class teardown {
public:
    teardown(scenario_run& run, std::optional<asio::io_context>& context)
        : run_(run), context_(context) {}
    ~teardown() { now(); }
    teardown(const teardown&) = delete;
    teardown& operator=(const teardown&) = delete;

    void now() noexcept {
        run_.destroy_waiters();
        context_.reset();
    }

private:
    scenario_run& run_;
    std::optional<asio::io_context>& context_;
};

/// The objects of one run, in an order that destroys users of an object before the object.
class single_run {
public:
    single_run(const scenario& chosen, const plan& numbers, const progress_listener& progress)
        : scenario_(chosen),
          numbers_(numbers),
          names_(user_names(numbers.distinct_users)),
          samples_(numbers.threads, numbers.kinds.size(), numbers.distinct_users),
          outside_(numbers.distinct_users),
          progress_(progress) {}

    run_result run() {
        const double high_water_before = probe_.high_water_mark();
        seen_.memory.before_mib = probe_.resident();
        run_users();
        seen_.memory.after_mib = probe_.resident();
        note_peak(high_water_before);
        note_memory();
        note_counts();
        judge();
        figure_map figures;
        for (const figure& one : all_figures()) figures[one.name] = one.of(numbers_, seen_);
        return {numbers_, std::move(seen_), std::move(checks_), interrupted_, std::move(figures)};
    }

private:
    /// What a scenario promises, it promises of a whole run. Of a part that came to its end, as
    /// the users of a file do, the common checks hold; of one that was cut off not even those.
    void judge() {
        if (interrupted_ && !(numbers_.from_file && seen_.finished)) {
            checks_ = {};
            return;
        }
        check_common(numbers_, seen_, checks_);
        if (!interrupted_) scenario_.verify(numbers_, seen_, checks_);
    }

    void run_users() {
        subject_.emplace(numbers_.system, numbers_.limits, options_for_metrics());
        show_in_metrics(subject_->engine());
        context_.emplace(static_cast<int>(numbers_.threads));
        open_timer_descriptors(*context_);
        scenario_run run(numbers_, *subject_, *context_, samples_, outside_, checks_, names_);
        teardown cleanup(run, context_);
        const steady::time_point began = steady::now();
        steady::time_point ended = began;
        asio::co_spawn(*context_, scenario_.execute(run), [&](std::exception_ptr exception) {
            if (exception) run.failed(exception);
            seen_.finished = !exception;
            ended = steady::now();
        });
        monitor progress_callback(numbers_, subject_->engine(), samples_, probe_, progress_,
                                  [this](bool end_process) { stop_run(end_process); });
        run_workers(run);
        interrupted_ = tools::interrupts() > 0;
        progress_callback.finish();
        if (!seen_.finished) ended = steady::now();
        seen_.duration_s = std::chrono::duration<double>(ended - began).count();
        cleanup.now();
        note_watch(progress_callback);
        note_exceptions(run);
    }

    /// Stops the context. The second call, 30 s later, ends the process: a worker hangs within one
    /// call then, and no other means stops it.
    void stop_run(bool end_process) {
        context_->stop();
        if (!end_process) return;
        tools::write_err(fmt::format("admit-load: {}: a thread does not return from a call\n",
                                     numbers_.scenario));
        std::_Exit(EXIT_FAILURE);
    }

    void run_workers(scenario_run& run) {
        std::vector<std::jthread> workers;
        try {
            for (std::size_t worker = 0; worker < numbers_.threads; ++worker) {
                workers.emplace_back([this, &run, worker] { run_context(*context_, run, worker); });
            }
        } catch (...) {
            context_->stop();
            throw;
        }
    }

    void note_watch(const monitor& progress_callback) {
        seen_.finished = seen_.finished && !progress_callback.timed_out();
        seen_.max_active_reported = progress_callback.max_active_reported();
        seen_.memory.peak_mib = progress_callback.highest_resident_mib();
        history_ = progress_callback.memory();
        seen_.series = progress_callback.series();
    }

    void note_exceptions(const scenario_run& run) {
        seen_.exceptions = run.exceptions();
        seen_.first_exception = run.first_exception();
        seen_.abandoned = run.abandoned();
    }

    /// The high-water mark also covers the time between two samples. It belongs to the whole
    /// process, so it counts only if this run raised it.
    void note_peak(double high_water_before) {
        double& peak = seen_.memory.peak_mib;
        const double high_water = probe_.high_water_mark();
        if (high_water > high_water_before) peak = std::max(peak, high_water);
        peak = std::max({peak, seen_.memory.before_mib, seen_.memory.after_mib});
    }

    void note_memory() {
        // In a short run a single step of the allocator would look like a trend.
        if (numbers_.duration.count() > 0) seen_.memory.trend = find_trend(history_);
        const auto every_5_s = static_cast<std::size_t>(seen_.duration_s / 5) + 1;
        seen_.memory.samples = evenly_spaced(history_, std::max<std::size_t>(every_5_s, 6));
    }

    void note_counts() {
        const response_table& table = samples_.table();
        seen_.response = table.all().summary();
        seen_.distribution = table.all().distribution();
        seen_.service_distribution = table.services().distribution();
        seen_.wait_distribution = table.waits().distribution();
        seen_.user_ranks = table.user_ranks(max_ranks);
        seen_.service = table.services().count() > 0 ? table.services().summary() : seen_.response;
        if (numbers_.wait.count() > 0) seen_.queue_wait = table.waits().summary();
        for (std::size_t kind = 0; kind < numbers_.kinds.size(); ++kind) {
            const bool only = numbers_.kinds.size() == 1;
            seen_.kinds.push_back({std::string(numbers_.kinds[kind]),
                                   only ? seen_.response : table.kind(kind).summary()});
        }
        for (std::size_t user = 0;
             user < numbers_.distinct_users && numbers_.distinct_users <= max_listed_users;
             ++user) {
            const response_table::share& share = table.users()[user];
            seen_.users.push_back({names_[user], share.count, share.mean * 1e-6});
        }
        seen_.starts = samples_.starts();
        seen_.waits = samples_.sum(&worker_record::waits);
        seen_.completions = samples_.sum(&worker_record::completed);
        seen_.failed_touches = samples_.sum(&worker_record::failed_touches);
        seen_.expired = samples_.sum(&worker_record::expired);
        seen_.thrown = samples_.sum(&worker_record::thrown);
        seen_.false_rejections = samples_.sum(&worker_record::false_rejections);
        seen_.arrivals = samples_.arrivals();
        seen_.fairness = table.fairness();
        seen_.late_samples = samples_.late_samples();
        seen_.max_active = static_cast<std::uint64_t>(outside_.highest());
        seen_.max_active_of_a_user = static_cast<std::uint64_t>(outside_.highest_of_a_user());
        seen_.engine = subject_->engine().stats();
        seen_.listed = subject_->engine().conversations().size();
    }

    const scenario& scenario_;
    const plan& numbers_;
    const std::vector<std::string> names_;
    tools::memory_probe probe_;
    collector samples_;
    outside_count outside_;
    checklist checks_;
    metrics seen_;
    bool interrupted_ = false;
    const progress_listener& progress_;
    std::vector<memory_sample> history_;
    std::optional<subject> subject_;
    std::optional<asio::io_context> context_;
};

}  // namespace

run_result run_once(const scenario& chosen, const plan& numbers,
                    const progress_listener& progress) {
    plan complete = numbers;
    if (complete.time_limit.count() == 0) complete.time_limit = default_time_limit(complete);
    if (complete.file) complete.text = complete.file->text;
    return single_run(chosen, complete, progress).run();
}

std::vector<std::size_t> thread_counts(const settings& wanted) {
    if (wanted.threads) return {*wanted.threads};
    const std::size_t cores = std::thread::hardware_concurrency();
    return {1, std::clamp<std::size_t>(cores, 2, max_threads)};
}

std::vector<planned_run> plan_runs(const settings& wanted) {
    std::vector<planned_run> runs;
    const auto add = [&](const scenario& chosen) {
        for (const std::size_t threads : thread_counts(wanted)) {
            runs.push_back({&chosen, chosen.prepare(wanted, threads)});
            runs.back().numbers.time_limit = wanted.time_limit.value_or(admit::duration{});
        }
    };
    if (wanted.scenarios.empty()) {
        for (const scenario& chosen : all_scenarios()) add(chosen);
    } else {
        for (const std::string& name : wanted.scenarios) add(require_scenario(name));
    }
    return runs;
}

}  // namespace admit::load
