// SPDX-License-Identifier: BSL-1.0
// Every interleaving of small histories is explained by the sequential engine; and each allowance
// that its specification makes is needed, for without it there is an interleaving that is not.
#include <doctest/doctest.h>

#include <admit/limits.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checker/model_test.hpp"
#include "history/linearizability.hpp"
#include "lifecycle/ending.hpp"
#include "lifecycle/starting.hpp"

namespace model = admit::model;
using admit::errc;
using admit::core::thread_state;
using history::action;
using history::allowances;
using history::operation;

namespace {

admit::time_point no_time() noexcept { return {}; }

/// An engine that takes down what it is asked and answers.
class recorded_engine {
public:
    recorded_engine(history::limits first, const allowances& allowed) : allowed_{allowed} {
        history_.first = first;
        history_.operations.reserve(16);  // which are referred to
        core_->number.store(1);
        core_->clock.store(&no_time);
        core_->settings.replace_timeouts(1, 1);
        move_limits(first);
    }

    /// `try_admit` of a user; the conversation's number, or a negative one.
    int admit(unsigned thread, unsigned user) {
        operation& entry = begin(action::admit, thread);
        entry.user = static_cast<std::uint8_t>(user);
        const admit::core::verdict given = admit::core::try_start(*core_, threads_[thread], [user] {
            return admit::core::user_ref{"u", user + 1};
        });
        entry.reason = given.reason;
        finish(entry);
        if (!given) return -1;
        entry.conversation = static_cast<std::uint8_t>(conversations_.size());
        conversations_.push_back(given);
        return entry.conversation;
    }

    void end(unsigned thread, int conversation) {
        if (conversation < 0) return;
        operation& entry = begin(action::end, thread);
        entry.conversation = static_cast<std::uint8_t>(conversation);
        const auto& meant = conversations_[entry.conversation];
        entry.ended = admit::core::end(meant.slot, meant.generation, admit::status::completed,
                                       threads_[thread]);
        finish(entry);
    }

    void set_limits(unsigned thread, history::limits wanted) {
        operation& entry = begin(action::set_limits, thread);
        entry.new_limits = wanted;
        move_limits(wanted);
        finish(entry);
    }

    void close(unsigned thread) {
        operation& entry = begin(action::close, thread);
        core_->pool.gate().close();
        finish(entry);
    }

    void check() const {
        const bool explained = history::linearizable(history_, allowed_);
        model::check(explained, explained ? std::string{} : to_string(history_));
    }

private:
    /// The order of events is that of one atomic word: what returned before happened before.
    operation& begin(action kind, unsigned thread) {
        const std::uint32_t now = clock_.fetch_add(1);
        history_.operations.emplace_back();
        operation& entry = history_.operations.back();
        entry.kind = kind;
        entry.thread = static_cast<std::uint8_t>(thread);
        entry.invoked = now;
        return entry;
    }
    void finish(operation& entry) { entry.returned = clock_.fetch_add(1); }

    void move_limits(history::limits wanted) {
        core_->users.prepare(wanted.concurrent);
        core_->pool.prepare(wanted.concurrent, 1, core_.get());
        core_->pool.set_limits({.total = wanted.concurrent, .per_user = wanted.per_user});
    }

    allowances allowed_;
    std::unique_ptr<admit::core::engine_core> core_ = std::make_unique<admit::core::engine_core>();
    thread_state threads_[3] = {{.stripe = admit::core::counter_stripes},
                                {.stripe = admit::core::counter_stripes},
                                {.stripe = admit::core::counter_stripes}};
    history::recording history_;
    std::vector<admit::core::verdict> conversations_;
    model::atomic<std::uint32_t> clock_{1};
};

using actions = std::function<void(recorded_engine&)>;

struct program {
    const char* name;
    history::limits first;
    actions before;  // by the first thread
    std::vector<actions> threads;
};

model::options bounds(unsigned preemptions) {
    return {.preemptions = preemptions, .stale_reads = 1, .spurious_failures = 0, .reduce = false};
}

void run(const program& what, const allowances& allowed) {
    recorded_engine engine{what.first, allowed};
    what.before(engine);
    {
        std::deque<model::thread> threads;  // which join when they go
        for (const actions& each : what.threads) threads.emplace_back([&] { each(engine); });
    }
    engine.check();
}

/// All interleavings are explained.
void explain(const program& what, unsigned preemptions = 2) {
    model::explore(what.name, bounds(preemptions), [&] { run(what, {}); });
}

/// Not all are without this allowance, but all with it.
void needs(bool allowances::*allowance, const program& what, unsigned preemptions = 2) {
    allowances all_but_one;
    all_but_one.*allowance = false;
    const auto found =
        model::search(what.name, bounds(preemptions), [&] { run(what, all_but_one); });
    CAPTURE(found.summary());
    CHECK(found.failed());
    explain(what, preemptions);
}

void nothing(recorded_engine&) {}

}  // namespace

TEST_CASE("own attempts: one that fails for want of a slot still counts when the other is judged") {
    needs(&allowances::attempts_count, {"attempts of one user",
                                        {.concurrent = 1, .per_user = 1},
                                        [](recorded_engine& e) { e.admit(0, 1); },
                                        {[](recorded_engine& e) { e.admit(0, 0); },
                                         [](recorded_engine& e) {
                                             e.end(1, 0);
                                             e.admit(1, 0);
                                         }}});
}

TEST_CASE("ends under way: the user has room again before the engine has") {
    needs(&allowances::ends_in_progress, {"an end and two admissions",
                                          {.concurrent = 2, .per_user = 1},
                                          [](recorded_engine& e) { e.admit(0, 0); },
                                          {[](recorded_engine& e) { e.end(0, 0); },
                                           [](recorded_engine& e) {
                                               e.admit(1, 0);
                                               e.admit(1, 1);
                                           }}});
}

TEST_CASE(
    "shrinking_holds_slots: a thread that is about to disable a free slot holds it meanwhile") {
    needs(&allowances::shrinking_holds_slots, {"a lowering and an admission",
                                               {.concurrent = 2, .per_user = 1},
                                               nothing,
                                               {[](recorded_engine& e) {
                                                    e.set_limits(0, {1, 1});
                                                },
                                                [](recorded_engine& e) { e.admit(1, 0); }}});
}

TEST_CASE("slots in turn: one new slot is there and the other is not") {
    needs(&allowances::gradual_growth, {"a raise and two admissions",
                                        {.concurrent = 1, .per_user = 1},
                                        [](recorded_engine& e) { e.admit(0, 0); },
                                        {[](recorded_engine& e) {
                                             e.set_limits(0, {3, 1});
                                         },
                                         [](recorded_engine& e) {
                                             e.admit(1, 1);
                                             e.admit(1, 2);
                                         }}});
}

TEST_CASE("judged on entry: closed, or with less for one user, while the call was under way") {
    needs(&allowances::judged_on_entry, {"an admission, close and an end",
                                         {.concurrent = 1, .per_user = 1},
                                         [](recorded_engine& e) { e.admit(0, 1); },
                                         {[](recorded_engine& e) { e.admit(0, 0); },
                                          [](recorded_engine& e) {
                                              e.close(1);
                                              e.end(1, 0);
                                          }}});
    needs(&allowances::judged_on_entry, {"an admission, a lower limit of one user and an end",
                                         {.concurrent = 3, .per_user = 2},
                                         [](recorded_engine& e) {
                                             e.admit(0, 0);
                                             e.admit(0, 0);
                                         },
                                         {[](recorded_engine& e) { e.admit(0, 0); },
                                          [](recorded_engine& e) {
                                              e.set_limits(1, {3, 1});
                                              e.end(1, 0);
                                          }}});
}

TEST_CASE("reasons in turn: at its limit first, and then there was room") {
    needs(&allowances::reasons_in_sequence, {"two attempts and the end that makes room",
                                             {.concurrent = 1, .per_user = 1},
                                             [](recorded_engine& e) { e.admit(0, 1); },
                                             {[](recorded_engine& e) { e.admit(0, 0); },
                                              [](recorded_engine& e) {
                                                  e.admit(1, 0);
                                                  e.end(1, 0);
                                              }}});
}

TEST_CASE("two limits that change are both new or both old") {
    explain({"fewer of all and of one",
             {.concurrent = 4, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
             },
             {[](recorded_engine& e) {
                  e.set_limits(0, {2, 1});
              },
              [](recorded_engine& e) {
                  e.admit(1, 2);
                  e.end(1, 1);
                  e.admit(1, 0);
              }}},
            1);
}

TEST_CASE("two calls that lower the limit at once take no more out of use than one") {
    explain({"the same lower limit twice",
             {.concurrent = 4, .per_user = 1},
             nothing,
             {[](recorded_engine& e) {
                  e.set_limits(0, {2, 1});
                  e.admit(0, 0);
              },
              [](recorded_engine& e) {
                  e.set_limits(1, {2, 1});
              }}},
            1);
}

TEST_CASE("two threads end one conversation, and a third takes its slot") {
    explain({"ends against an admission",
             {.concurrent = 1, .per_user = 1},
             [](recorded_engine& e) { e.admit(0, 0); },
             {[](recorded_engine& e) { e.end(0, 0); }, [](recorded_engine& e) { e.end(1, 0); },
              [](recorded_engine& e) { e.admit(2, 0); }}},
            1);
}

TEST_CASE("three requests for the last slot, of which one gives it back") {
    explain(
        {"three at the last slot",
         {.concurrent = 1, .per_user = 1},
         nothing,
         {[](recorded_engine& e) { e.end(0, e.admit(0, 0)); },
          [](recorded_engine& e) { e.admit(1, 0); }, [](recorded_engine& e) { e.admit(2, 1); }}},
        1);
}

TEST_CASE("limits that two threads move, and an admission") {
    explain({"limits against limits",
             {.concurrent = 2, .per_user = 1},
             nothing,
             {[](recorded_engine& e) {
                  e.set_limits(0, {1, 1});
              },
              [](recorded_engine& e) {
                  e.set_limits(1, {3, 1});
              },
              [](recorded_engine& e) { e.admit(2, 0); }}},
            1);
}

TEST_CASE("a limit that goes down and up again, and endings") {
    explain({"down and up",
             {.concurrent = 2, .per_user = 2},
             [](recorded_engine& e) {
                 e.admit(0, 0);
                 e.admit(0, 1);
             },
             {[](recorded_engine& e) {
                  e.set_limits(0, {1, 1});
                  e.set_limits(0, {2, 1});
              },
              [](recorded_engine& e) {
                  e.end(1, 0);
                  e.admit(1, 0);
              }}},
            2);
}
