// SPDX-License-Identifier: BSL-1.0
// An engine that records its calls and answers. The programs of history_program.hpp run on it.
// core_calls.hpp has the functions of the core that it calls.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "checker/model_test.hpp"
#include "history/linearizability.hpp"
#include "model/core_calls.hpp"

namespace admit::model {

/// An engine that records what it is asked and answers. The first argument of each call is the
/// thread that makes it.
class recorded_engine {
public:
    explicit recorded_engine(history::limits first) : calls_{first} {
        history_.first = first;
        history_.operations.reserve(64);  // which are referred to
        for (unsigned i = 0; i < history::max_waiters; ++i)
            requests_[i].go_on = [this, i](const core::verdict& given) { answer(i, given); };
        for (unsigned i = 0; i < history::max_drains; ++i)
            drains_[i].go_on = [this, i](const core::verdict&) { report(i); };
    }

    /// `try_admit` of a user; the conversation's number, or a negative one.
    int admit(unsigned thread, const asking& how) {
        history::operation& entry = begin(history::action::admit, thread);
        entry.user = static_cast<std::uint8_t>(how.user);
        entry.own_limit = how.own_limit;
        const int number = new_conversation(entry);
        const core::verdict given = calls_.try_admit(how, thread);
        entry.reason = given.reason;
        begun_[entry.conversation] = given;
        finish(entry);
        return given ? number : -1;
    }
    int admit(unsigned thread, unsigned user) { return admit(thread, asking{.user = user}); }

    /// A request with a number below `max_waiters` waits.
    void wait(unsigned thread, unsigned number, const asking& how) {
        history::operation& entry = begin(history::action::wait, thread);
        entry.waiter = static_cast<std::uint8_t>(number);
        entry.user = static_cast<std::uint8_t>(how.user);
        entry.priority = how.priority;
        entry.own_limit = how.own_limit;
        conversation_of_[number] = new_conversation(entry);
        const auto given = calls_.start_or_wait(requests_[number], how, thread);
        finish(entry);
        if (given) answer(number, *given);
    }

    /// Cancels a request, or takes it back with another verdict.
    void withdraw(unsigned thread, unsigned number, errc verdict = history::aborted) {
        history::operation& entry = begin(history::action::withdraw, thread);
        entry.waiter = static_cast<std::uint8_t>(number);
        entry.reason = verdict;
        const bool won = calls_.withdraw(requests_[number], thread);
        if (won && verdict != history::dropped) answer(number, {.slot = {}, .reason = verdict});
        finish(entry);
    }

    void end(unsigned thread, int conversation) {
        if (conversation < 0 || !begun_[static_cast<unsigned>(conversation)]) return;
        history::operation& entry = begin(history::action::end, thread);
        entry.conversation = static_cast<std::uint8_t>(conversation);
        entry.ended = calls_.end(begun_[entry.conversation], thread);
        finish(entry);
    }
    /// Ends the conversation of a request, if the request has been granted.
    void end_request(unsigned thread, unsigned number) {
        static_cast<void>(clock_.load());  // other threads run before what follows is read
        end(thread, conversation_of_[number]);
    }

    void set_limits(unsigned thread, history::limits wanted) {
        history::operation& entry = begin(history::action::set_limits, thread);
        entry.new_limits = wanted;
        calls_.set_limits(wanted, thread);
        finish(entry);
    }

    void close(unsigned thread) {
        history::operation& entry = begin(history::action::close, thread);
        calls_.close(thread);
        finish(entry);
    }

    void drain(unsigned thread, unsigned number = 0) {
        history::operation& entry = begin(history::action::drain, thread);
        entry.drain = static_cast<std::uint8_t>(number);
        calls_.drain(drains_[number], thread);
        finish(entry);
    }

    /// The deadline of a drain has passed.
    void cut(unsigned thread, unsigned number = 0) {
        history::operation& entry = begin(history::action::cut, thread);
        entry.drain = static_cast<std::uint8_t>(number);
        cuts_.push_back({.entry = &entry, .told = {}});
        cut_list& list = cuts_.back();
        entry.final = calls_.cut(list.told, thread);
        finish(entry);
    }

    /// After all threads: drains that have to look again do so, and the history is judged.
    bool explained(const history::allowances& allowed) {
        for (std::size_t i = 0; i < cuts_.size(); ++i)
            if (!cuts_[i].entry->final) cut(0, cuts_[i].entry->drain);
        history::operation& entry = begin(history::action::rest, 0);
        entry.returned = entry.invoked;
        entry.counted_active = calls_.active();
        entry.counted_waiting = calls_.waiting();
        for (const cut_list& each : cuts_)
            for (const conversation& told : each.told) each.entry->told |= number_of(told.id);
        return history::linearizable(history_, allowed);
    }

    std::string text() const { return to_string(history_); }

private:
    struct cut_list {
        history::operation* entry;
        std::vector<conversation> told;
    };

    /// A request or a drain goes on.
    void answer(unsigned number, const core::verdict& given) {
        history::operation& entry = begin(history::action::answer, 0);
        entry.returned = entry.invoked;
        entry.waiter = static_cast<std::uint8_t>(number);
        entry.reason = given.reason;
        if (!given) return;
        entry.conversation = static_cast<std::uint8_t>(conversation_of_[number]);
        begun_[entry.conversation] = given;
    }
    void report(unsigned number) {
        history::operation& entry = begin(history::action::report, 0);
        entry.returned = entry.invoked;
        entry.drain = static_cast<std::uint8_t>(number);
    }

    /// The order of events is that of one atomic word: what returned before happened before.
    history::operation& begin(history::action kind, unsigned thread) {
        const std::uint32_t now = clock_.fetch_add(1);
        history_.operations.emplace_back();
        history::operation& entry = history_.operations.back();
        entry.kind = kind;
        entry.thread = static_cast<std::uint8_t>(thread);
        entry.invoked = now;
        return entry;
    }
    void finish(history::operation& entry) { entry.returned = clock_.fetch_add(1); }

    int new_conversation(history::operation& entry) {
        entry.conversation = static_cast<std::uint8_t>(begun_.size());
        begun_.emplace_back();
        return entry.conversation;
    }

    std::uint64_t number_of(const conversation_id& id) const {
        for (std::size_t i = 0; i < begun_.size(); ++i)
            if (begun_[i] && core_calls::id_of(begun_[i]) == id) return std::uint64_t{1} << i;
        return 0;
    }

    recorded_waiter requests_[history::max_waiters];
    recorded_waiter drains_[history::max_drains];
    int conversation_of_[history::max_waiters] = {-1, -1, -1, -1};
    history::recording history_;
    std::vector<core::verdict> begun_;
    std::deque<cut_list> cuts_;
    model::atomic<std::uint32_t> clock_{1};
    core_calls calls_;  // goes first, for it takes back what waits
};

}  // namespace admit::model
