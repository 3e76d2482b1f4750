// SPDX-License-Identifier: BSL-1.0
#include "load/drive/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/file/script_counts.hpp"

namespace admit::load {
namespace {

namespace asio = boost::asio;

/// What a start is expected to be answered, in words.
std::string answer_of(const std::string& expect) {
    if (expect == "admitted") return expect;
    return make_error_code(expect == "user_limit" ? errc::user_limit : errc::global_limit)
        .message();
}

/// A request, and the conversation that it became.
struct request {
    explicit request(std::size_t asked_by) : user(asked_by) {}

    std::size_t user;  ///< among all users of the file
    std::string answer;
    std::optional<watched_permit> held;
    std::atomic<bool> answered{false};  ///< releases `answer` and `held` to the script
};

/// What the script has asked for, and what it expects of the engine now. The steps run one after
/// the other; the requests, and the ends, of one step run on all threads.
class script {
public:
    script(scenario_run& run, const scenario_file& file)
        : run_(run), file_(file), requests_(file.users.size()), each_(file.users.size()) {}

    asio::awaitable<void> perform(const script_step& step) {
        auto pausing = run_.sleep(from_seconds(step.after_ms / 1000));
        co_await std::move(pausing);
        const auto kind = static_cast<std::size_t>(file_.kind_of(step.users) - file_.users.data());
        auto doing = step.act == "visit"      ? visit(kind)
                     : step.act == "end"      ? end(kind, step.count, step.when)
                     : step.expect == "waits" ? queue(step, kind)
                                              : start(step, kind);
        co_await std::move(doing);
        if (!step.when.empty()) expect_state(step.when, kind);
    }

    /// Ends what is left, and completes when every coroutine of the script has.
    asio::awaitable<void> finish() {
        for (std::size_t kind = 0; kind < file_.users.size(); ++kind) {
            auto ending = end(kind, 0, "");
            co_await std::move(ending);
        }
        over_.arrive();
        auto all = over_.wait();
        co_await std::move(all);
    }

private:
    bool fills_own_limit(std::size_t kind) const { return file_.users[kind].fills == "own_limit"; }

    std::size_t first_user(std::size_t kind) const {
        std::size_t first = 0;
        for (std::size_t before = 0; before < kind; ++before) first += file_.users[before].count;
        return first;
    }

    asio::awaitable<void> ask(request& one, start_options how) {
        auto asking = run_.admission(one.user, how);
        auto admission = co_await std::move(asking);
        one.answer = admission ? "admitted" : admission.error().message();
        if (admission) one.held.emplace(std::move(*admission));
        one.answered.store(true);
        settled_.fetch_add(1);
    }

    asio::awaitable<void> end_one(request& one) {
        one.held->end();
        one.held.reset();
        settled_.fetch_add(1);
        co_return;
    }

    request& spawn_request(std::size_t kind, std::size_t number) {
        const user_kind& who = file_.users[kind];
        request& one = requests_[kind].emplace_back(first_user(kind) + number % who.count);
        ++attempts_;
        over_.expect_one_more();
        const start_options how{.kind = static_cast<std::uint32_t>(kind),
                                .wait = from_seconds(who.wait_s)};
        run_.spawn(ask(one, how), over_);
        return one;
    }

    /// Completes when this many more requests were answered, or conversations ended.
    asio::awaitable<void> until_settled(std::uint64_t more) {
        due_ += more;
        while (settled_.load() < due_) {
            auto others = run_.yield();
            co_await std::move(others);
        }
    }

    asio::awaitable<void> start(const script_step& step, std::size_t kind) {
        const std::size_t first = requests_[kind].size();
        const std::uint64_t starts = starts_of(step, file_.users[kind], run_.numbers().limits);
        for (std::uint64_t number = 0; number < starts; ++number) spawn_request(kind, number);
        auto settling = until_settled(starts);
        co_await std::move(settling);
        for (std::size_t at = first; at < requests_[kind].size() && !step.name.empty(); ++at)
            expect_answer(step, requests_[kind][at]);
        if (step.expect != "admitted") co_return;
        active_ += starts;
        each_[kind] += starts / file_.users[kind].count;
    }

    /// One after the other, so that their order is known.
    asio::awaitable<void> queue(const script_step& step, std::size_t kind) {
        queued_kind_ = kind;
        for (std::size_t number = 0; number < file_.users[kind].count; ++number) {
            queued_.push_back(&spawn_request(kind, number));
            auto settling = run_.until_settled(attempts_);
            co_await std::move(settling);
            if (!step.name.empty()) run_.expect_waiting(queued_.size(), step.name);
        }
    }

    /// As many at a time as there is room, so that all are admitted.
    asio::awaitable<void> visit(std::size_t kind) {
        const std::size_t users = file_.users[kind].count;
        const std::size_t room = run_.numbers().limits.max_concurrent - active_;
        for (std::size_t next = 0; next < users;) {
            const std::size_t group = std::min(room, users - next);
            for (const std::size_t end = next + group; next < end; ++next)
                spawn_request(kind, next);
            auto settling = until_settled(group);
            co_await std::move(settling);
            active_ += group;
            auto ending = end(kind, 0, "");
            co_await std::move(ending);
        }
    }

    /// Ends `count` conversations, or all if it is 0. Requests that wait get their slots, in order.
    asio::awaitable<void> end(std::size_t kind, std::size_t count, std::string_view when) {
        const std::vector<request*> ending = oldest(count, kind);
        const std::size_t served =
            serves_waiters(kind) ? std::min(ending.size(), queued_.size()) : 0;
        for (request* one : ending) {
            over_.expect_one_more();
            run_.spawn(end_one(*one), over_);
        }
        active_ -= std::min(active_, ending.size() - served);
        auto settling = until_settled(ending.size() + served);
        co_await std::move(settling);
        if (served > 0) expect_turns(served, when);
        if (count == 0) each_[kind] = 0;
        if (count > 0 && served == 0) each_[kind] -= std::min(each_[kind], count);
    }

    /// Waiters that their own limit keeps out need an end of their own user.
    bool serves_waiters(std::size_t kind) const {
        return !queued_.empty() && (kind == queued_kind_ || !fills_own_limit(queued_kind_));
    }

    /// The conversations that an end of `count` ends; 0: all.
    std::vector<request*> oldest(std::size_t count, std::size_t kind) {
        const std::size_t users = fills_own_limit(kind) ? file_.users[kind].count : 1;
        std::size_t left = count == 0 ? requests_[kind].size() : count * users;
        std::vector<request*> found;
        for (request& one : requests_[kind]) {
            if (left == 0) break;
            if (!one.answered.load() || !one.held) continue;
            found.push_back(&one);
            --left;
        }
        return found;
    }

    void expect_answer(const script_step& step, const request& one) {
        run_.checks().equal(
            fmt::format("{} of {}", step.name, run_.name(one.user)), answer_of(step.expect),
            one.answer,
            "admitted: over a limit; rejected: the freed slot is not found; another reason: slots "
            "are missing, or the order of reasons is wrong");
    }

    void expect_turns(std::size_t served, std::string_view when) {
        std::uint64_t in_turn = 0;
        for (std::size_t at = 0; at < served; ++at) in_turn += queued_[at]->answered.load();
        queued_.erase(queued_.begin(), queued_.begin() + static_cast<std::ptrdiff_t>(served));
        run_.checks().equal(fmt::format("first waiters admitted {}", when), served, in_turn,
                            "waiters are not served in order, or one end admitted two");
    }

    void expect_state(const std::string& when, std::size_t kind) {
        checklist& checks = run_.checks();
        checks.equal(fmt::format("active {}", when), active_, run_.engine().active_count(),
                     "a start was rejected although a slot was free, or one too many was admitted");
        checks.equal(fmt::format("counted from outside {}", when), active_,
                     static_cast<std::uint64_t>(run_.outside().active()),
                     "the count of the engine and the outside count differ");
        checks.equal(fmt::format("listed {}", when), active_, run_.engine().conversations().size(),
                     "the listing misses active conversations, or shows ended ones");
        if (run_.waits()) run_.expect_waiting(queued_.size(), when);
        if (!fills_own_limit(kind)) return;
        for (std::size_t user = 0; user < file_.users[kind].count; ++user)
            expect_user(run_.name(first_user(kind) + user), each_[kind], when);
    }

    void expect_user(const std::string& name, std::size_t count, const std::string& when) {
        run_.checks().equal(fmt::format("listed for {} {}", name, when), count,
                            run_.engine().conversations(name).size(),
                            "the listing misses conversations of the user, or shows ended ones");
        run_.checks().equal(fmt::format("active of {} {}", name, when), count,
                            run_.engine().active_count(name),
                            "the count of the user was not raised, or not lowered, exactly once");
    }

    scenario_run& run_;
    const scenario_file& file_;
    latch& over_ = run_.new_latch(1);            // expects each request and each end
    std::vector<std::deque<request>> requests_;  // by kind, oldest first
    std::vector<std::size_t> each_;              // expected of each user of a kind
    std::deque<request*> queued_;                // expected to wait, oldest first
    std::size_t queued_kind_ = 0;
    std::size_t active_ = 0;                 // expected of the engine
    std::uint64_t attempts_ = 0;             // requests
    std::uint64_t due_ = 0;                  // expected of `settled_`
    std::atomic<std::uint64_t> settled_{0};  // answers and ends
};

}  // namespace

asio::awaitable<void> run_script(scenario_run& run, const scenario_file& file) {
    script all(run, file);
    for (const script_step& step : file.steps) {
        auto performing = all.perform(step);
        co_await std::move(performing);
    }
    auto finishing = all.finish();
    co_await std::move(finishing);
}

}  // namespace admit::load
