#include "load/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <optional>
#include <thread>

#include "load/build_info.hpp"
#include "load/harness/stage.hpp"
#include "load/report/output.hpp"

namespace admit::load {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t most_listed_users = 200;

/// A hundred times what is usual on an idle machine is still no hang.
admit::duration usual_patience(const plan& numbers) {
    const admit::duration crowd = static_cast<long>(numbers.people + numbers.users) * 500us;
    return (60s + 5 * numbers.expected_time + crowd) * (sanitized_build ? 5 : 1);
}

std::vector<std::string> user_names(std::size_t people) {
    std::vector<std::string> names;
    names.reserve(people);
    for (std::size_t n = 0; n < people; ++n) names.push_back(fmt::format("@u{}:load.test", n));
    return names;
}

/// So that a want of file descriptors shows here and not in the middle of a user.
void open_what_timers_need(asio::io_context& context) { const asio::steady_timer first(context); }

void run_context(asio::io_context& context, stage& run, std::size_t worker) {
    collector::enter_lane(worker);
    while (!context.stopped()) {
        try {
            context.run();
        } catch (...) {
            run.failed(std::current_exception());
        }
    }
}

/// Destroys the coroutines that were cut off, while all they refer to is still there.
class curtain {
public:
    curtain(stage& run, std::optional<asio::io_context>& context) : run_(run), context_(context) {}
    ~curtain() { fall(); }
    curtain(const curtain&) = delete;
    curtain& operator=(const curtain&) = delete;

    void fall() noexcept {
        run_.drop_waiters();
        context_.reset();
    }

private:
    stage& run_;
    std::optional<asio::io_context>& context_;
};

/// Everything that lives as long as one run, in an order that destroys the users of a thing first.
class single_run {
public:
    single_run(const scenario& what, const plan& numbers, const progress_listener& progress)
        : what_(what),
          numbers_(numbers),
          names_(user_names(numbers.people)),
          samples_(numbers.threads, numbers.kinds.size(), numbers.people),
          outside_(numbers.people),
          progress_(progress) {}

    run_result go() {
        const double high_water_before = probe_.high_water_mark();
        seen_.memory.before_mib = probe_.resident();
        play();
        seen_.memory.after_mib = probe_.resident();
        note_peak(high_water_before);
        note_memory();
        note_counts();
        judge_common(numbers_, seen_, checks_);
        what_.judge(numbers_, seen_, checks_);
        return {numbers_, std::move(seen_), std::move(checks_)};
    }

private:
    void play() {
        engine_.emplace(numbers_.limits);
        context_.emplace(static_cast<int>(numbers_.threads));
        open_what_timers_need(*context_);
        stage run(numbers_, *engine_, *context_, samples_, outside_, checks_, names_);
        curtain over(run, context_);
        const steady::time_point began = steady::now();
        steady::time_point ended = began;
        asio::co_spawn(*context_, what_.play(run), [&](std::exception_ptr why) {
            if (why) run.failed(why);
            seen_.finished = !why;
            ended = steady::now();
        });
        monitor watcher(numbers_, *engine_, samples_, probe_, progress_,
                        [this](bool for_good) { give_up(for_good); });
        work(run);
        watcher.finish();
        if (!seen_.finished) ended = steady::now();
        seen_.duration_s = std::chrono::duration<double>(ended - began).count();
        over.fall();
        note_watch(watcher);
        note_exceptions(run);
    }

    /// Stops the context. Workers who have not noticed half a minute later hang within one call;
    /// nothing but the end of the process gets them out of there.
    void give_up(bool for_good) {
        context_->stop();
        if (!for_good) return;
        write_err(fmt::format("admit-load: {}: a thread does not come back from a call\n",
                              numbers_.scenario));
        std::_Exit(EXIT_FAILURE);
    }

    void work(stage& run) {
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

    void note_watch(const monitor& watcher) {
        seen_.finished = seen_.finished && !watcher.gave_up();
        seen_.max_active_reported = watcher.max_active_reported();
        seen_.memory.peak_mib = watcher.highest_resident_mib();
        history_ = watcher.memory();
    }

    void note_exceptions(const stage& run) {
        seen_.exceptions = run.exceptions();
        seen_.first_exception = run.first_exception();
        seen_.abandoned = run.abandoned();
    }

    /// The system's high-water mark sees what falls between two samples, but it is the process's:
    /// it tells of this run only if this run moved it.
    void note_peak(double high_water_before) {
        double& peak = seen_.memory.peak_mib;
        const double high_water = probe_.high_water_mark();
        if (high_water > high_water_before) peak = std::max(peak, high_water);
        peak = std::max({peak, seen_.memory.before_mib, seen_.memory.after_mib});
    }

    void note_memory() {
        // In a run that is over in half a second, a step of the allocator would be a trend.
        if (numbers_.duration.count() > 0) seen_.memory.trend = find_trend(history_);
        const auto every_5_s = static_cast<std::size_t>(seen_.duration_s / 5) + 1;
        seen_.memory.samples = thinned(history_, std::max<std::size_t>(every_5_s, 6));
    }

    void note_counts() {
        const response_table& table = samples_.table();
        seen_.response = table.all().summary();
        if (numbers_.wait.count() > 0) seen_.queue_wait = table.waits().summary();
        for (std::size_t kind = 0; kind < numbers_.kinds.size(); ++kind) {
            const bool only = numbers_.kinds.size() == 1;
            seen_.kinds.push_back(
                {numbers_.kinds[kind], only ? seen_.response : table.kind(kind).summary()});
        }
        for (std::size_t user = 0; user < numbers_.people && numbers_.people <= most_listed_users;
             ++user) {
            const response_table::share& share = table.users()[user];
            seen_.users.push_back({names_[user], share.count, share.mean * 1e-6});
        }
        seen_.starts = samples_.starts();
        seen_.waits = samples_.waits();
        seen_.completions = samples_.completions();
        seen_.failed_touches = samples_.failed_touches();
        seen_.late_samples = samples_.late_samples();
        seen_.max_active = static_cast<std::uint64_t>(outside_.highest());
        seen_.max_active_of_a_user = static_cast<std::uint64_t>(outside_.highest_of_a_user());
        seen_.engine = engine_->stats();
        seen_.listed = engine_->conversations().size();
    }

    const scenario& what_;
    const plan& numbers_;
    const std::vector<std::string> names_;
    memory_probe probe_;
    collector samples_;
    outside_count outside_;
    checklist checks_;
    metrics seen_;
    const progress_listener& progress_;
    std::vector<memory_sample> history_;
    std::optional<admit::engine> engine_;
    std::optional<asio::io_context> context_;
};

}  // namespace

run_result run_once(const scenario& what, const plan& numbers, const progress_listener& progress) {
    plan complete = numbers;
    if (complete.patience.count() == 0) complete.patience = usual_patience(complete);
    return single_run(what, complete, progress).go();
}

std::vector<std::size_t> thread_counts(const settings& wanted) {
    if (wanted.threads) return {*wanted.threads};
    const std::size_t cores = std::thread::hardware_concurrency();
    return {1, std::clamp<std::size_t>(cores, 2, most_threads)};
}

std::vector<planned_run> plan_runs(const settings& wanted) {
    std::vector<planned_run> runs;
    const auto add = [&](const scenario& what) {
        for (const std::size_t threads : thread_counts(wanted)) {
            runs.push_back({&what, what.prepare(wanted, threads)});
            runs.back().numbers.patience = wanted.patience.value_or(admit::duration{});
        }
    };
    if (wanted.scenarios.empty()) {
        for (const scenario& what : all_scenarios()) add(what);
    } else {
        for (const std::string& name : wanted.scenarios) add(require_scenario(name));
    }
    return runs;
}

}  // namespace admit::load
