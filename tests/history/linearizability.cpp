// SPDX-License-Identifier: BSL-1.0
#include "history/linearizability.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace history {

namespace {

struct event {
    std::uint32_t when;
    const operation* op;
    bool returns;
};

std::vector<event> events_of(const recording& whole) {
    std::vector<event> events;
    for (const operation& each : whole.operations) {
        events.push_back({each.invoked, &each, false});
        events.push_back({each.returned, &each, true});
    }
    std::sort(events.begin(), events.end(),
              [](const event& a, const event& b) { return a.when < b.when; });
    return events;
}

using configurations = std::set<configuration>;

class search {
public:
    search(const recording& whole, const allowances& allowed)
        : rules_{whole, allowed}, candidates_{rules_.first()} {}

    void begin(const operation& op) {
        rules_.begin(op);
        in_progress_.push_back(&op);
        replace([&](configuration& each) {
            rules_.begin(each, op);
            return true;
        });
    }

    /// False if no configuration explains the calls that have returned.
    bool finish(const operation& op) {
        place_calls();
        replace([&](configuration& each) { return rules_.finish(each, op); });
        rules_.finish(op);
        std::erase(in_progress_, &op);
        return !candidates_.empty();
    }

private:
    template <class Change>
    void replace(Change change) {
        configurations next;
        for (configuration each : candidates_)
            if (change(each)) next.insert(each);
        candidates_ = std::move(next);
    }

    /// Adds all configurations that are reachable when calls in progress take effect now.
    void place_calls() {
        std::vector<configuration> unexplored(candidates_.begin(), candidates_.end());
        while (!unexplored.empty()) {
            const configuration from = unexplored.back();
            unexplored.pop_back();
            for (const operation* const op : in_progress_) {
                const auto next = rules_.place(from, *op);
                if (next && candidates_.insert(*next).second) unexplored.push_back(*next);
            }
        }
    }

    specification rules_;
    configurations candidates_;
    std::vector<const operation*> in_progress_;
};

std::string name_of(const operation& each) {
    const auto number = [](unsigned n) { return std::to_string(n); };
    switch (each.kind) {
        case action::admit:
            return "admit(user " + number(each.user) + ") = " +
                   (each.admitted() ? "conversation " + number(each.conversation)
                                    : make_error_code(each.reason).message());
        case action::end:
            return "end(conversation " + number(each.conversation) +
                   ") = " + (each.ended ? "true" : "false");
        case action::set_limits:
            return "set_limits(" + number(each.new_limits.concurrent) + " in all, " +
                   number(each.new_limits.per_user) + " per user)";
        case action::close: break;
    }
    return "close()";
}

}  // namespace

bool linearizable(const recording& whole, const allowances& allowed) {
    search search{whole, allowed};
    for (const event& each : events_of(whole)) {
        if (!each.returns)
            search.begin(*each.op);
        else if (!search.finish(*each.op))
            return false;
    }
    return true;
}

recording only_of(const recording& whole, std::uint8_t user) {
    std::uint64_t conversations = 0;
    for (const operation& each : whole.operations)
        if (each.admitted() && each.user == user)
            conversations |= std::uint64_t{1} << each.conversation;
    recording result{.first = whole.first, .operations = {}};
    for (const operation& each : whole.operations)
        if (each.kind == action::admit
                ? each.user == user
                : each.kind == action::end && (conversations >> each.conversation & 1) != 0)
            result.operations.push_back(each);
    return result;
}

std::string to_string(const recording& whole) {
    std::vector<const operation*> order;
    for (const operation& each : whole.operations) order.push_back(&each);
    std::sort(order.begin(), order.end(),
              [](const auto* a, const auto* b) { return a->invoked < b->invoked; });
    std::string text = "limits at first: " + std::to_string(whole.first.concurrent) + " in all, " +
                       std::to_string(whole.first.per_user) + " per user\n";
    for (const operation* const each : order)
        text += "thread " + std::to_string(each->thread) + "  " + std::to_string(each->invoked) +
                " to " + std::to_string(each->returned) + "  " + name_of(*each) + "\n";
    return text;
}

}  // namespace history
