// SPDX-License-Identifier: BSL-1.0
// A history as text, for the messages of failed tests.
#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "history/operation.hpp"

namespace history {

namespace {

std::string number(unsigned n) { return std::to_string(n); }

std::string verdict(const operation& each) {
    if (each.reason == aborted) return "cancelled";
    if (each.reason == dropped) return "dropped";
    return make_error_code(each.reason).message();
}

std::string name_of(const limits& each) {
    std::string text = number(each.concurrent) + " in all, " + number(each.per_user) + " per user";
    if (each.waiting != limits{}.waiting || each.waiting_per_user != limits{}.waiting_per_user)
        text += ", " + number(each.waiting) + " waiting, " + number(each.waiting_per_user) +
                " waiting per user";
    return text;
}

/// The arguments of a call that asks for a conversation.
std::string request_of(const operation& each) {
    std::string text = "user " + number(each.user);
    if (each.own_limit != no_own_limit) text += ", own limit " + number(each.own_limit);
    if (each.priority != 0) text += ", priority " + number(each.priority);
    return text;
}

std::string conversations(std::uint64_t set) {
    std::string text;
    for (; set != 0; set &= set - 1)
        text += (text.empty() ? "" : " ") + number(static_cast<unsigned>(std::countr_zero(set)));
    return "{" + text + "}";
}

std::string name_of(const operation& each) {
    const std::string result =
        each.reason == admit::errc{} ? "conversation " + number(each.conversation) : verdict(each);
    switch (each.kind) {
        case action::admit: return "admit(" + request_of(each) + ") = " + result;
        case action::end:
            return "end(conversation " + number(each.conversation) +
                   ") = " + (each.ended ? "true" : "false");
        case action::set_limits: return "set_limits(" + name_of(each.new_limits) + ")";
        case action::close: return "close()";
        case action::wait:
            return "wait(" + request_of(each) + ") of request " + number(each.waiter);
        case action::withdraw:
            return "withdraw(request " + number(each.waiter) + "): " + verdict(each);
        case action::answer: return "request " + number(each.waiter) + ": " + result;
        case action::drain: return "drain " + number(each.drain) + " starts";
        case action::cut:
            return "drain " + number(each.drain) + " tells " + conversations(each.told) +
                   (each.final ? ", all" : "");
        case action::report:
            return "drain " + number(each.drain) + " reports " +
                   (each.reason == admit::errc{} ? "the end" : verdict(each));
        case action::rest: break;
    }
    return "rest";
}

}  // namespace

std::string to_string(const recording& whole) {
    std::vector<const operation*> order;
    for (const operation& each : whole.operations) order.push_back(&each);
    std::sort(order.begin(), order.end(),
              [](const auto* a, const auto* b) { return a->invoked < b->invoked; });
    std::string text = "limits at first: " + name_of(whole.first) + "\n";
    for (const operation* const each : order)
        text += "thread " + number(each->thread) + "  " + number(each->invoked) + " to " +
                number(each->returned) + "  " + name_of(*each) + "\n";
    return text;
}

}  // namespace history
