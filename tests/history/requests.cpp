// SPDX-License-Identifier: BSL-1.0
#include "history/requests.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace history {

namespace asio = boost::asio;

namespace {

/// The thread that polls, for the calls that it makes meanwhile.
thread_local unsigned polling_thread = 0;

}  // namespace

requests::requests(subject& under_test, event_clock& clock, publisher publish)
    : subject_{under_test}, clock_{clock}, publish_{std::move(publish)} {
    for (auto& each : requests_) each.emplace(context_);
}

requests::~requests() { resting_ = true; }

void requests::wait(const operation& op, const std::string& user, admit::duration at_most) {
    request& asked = *requests_[op.waiter];
    asked.times_out = op.times_out;
    asked.conversation = op.conversation;
    const auto handler = [this, waiter = op.waiter](const history::answer& given) {
        answered(waiter, given);
    };
    subject_.wait(user, at_most, {asked.strand, asked.signal.slot(), handler});
    asked.begun = true;
}

void requests::cancel(std::uint8_t waiter) {
    request& asked = *requests_[waiter];
    if (!asked.begun || asked.cancelled.exchange(true)) return;
    asio::post(asked.strand, [this, waiter] { emit(waiter); });
}

void requests::emit(std::uint8_t waiter) {
    request& asked = *requests_[waiter];
    if (resting_) return;
    operation& op = asked.withdrawal;
    op.kind = action::withdraw;
    op.waiter = waiter;
    op.thread = static_cast<std::uint8_t>(polling_thread);
    op.reason = aborted;
    op.invoked = ++clock_;
    asked.signal.emit(asio::cancellation_type::terminal);
    op.returned = ++clock_;
}

void requests::answered(std::uint8_t waiter, const history::answer& given) {
    if (resting_) return;
    request& asked = *requests_[waiter];
    ++asked.answers;
    operation& op = asked.answer;
    op.kind = action::answer;
    op.waiter = waiter;
    op.reason = given.reason;
    op.conversation = asked.conversation;
    op.invoked = op.returned = ++clock_;
    if (given.reason == admit::errc{}) publish_(asked.conversation, given.id);
}

void requests::poll(unsigned thread) {
    polling_thread = thread;
    context_.poll_one();
    if (context_.stopped()) context_.restart();
}

void requests::run_to_rest() {
    polling_thread = 0;
    const auto work = asio::make_work_guard(context_);
    context_.restart();
    const auto times_out = [](const auto& each) {
        return each->begun && each->times_out && each->answers == 0;
    };
    context_.poll();
    for (const auto& each : requests_)
        while (times_out(each)) context_.run_one_for(std::chrono::milliseconds{1});
    context_.poll();
    resting_ = true;
}

void requests::collect(std::vector<operation>& history, int active, int waiting) {
    for (const auto& each : requests_) {
        if (each->withdrawal.returned != 0) history.push_back(each->withdrawal);
        for (int i = 0; i < each->answers; ++i) history.push_back(each->answer);
    }
    operation rest;
    rest.kind = action::rest;
    rest.counted_active = active;
    rest.counted_waiting = waiting;
    rest.invoked = rest.returned = ++clock_;
    history.push_back(rest);
}

}  // namespace history
