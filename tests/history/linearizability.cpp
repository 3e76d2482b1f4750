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
    enum { begins, returns, happens } kind;
};

std::vector<event> events_of(const recording& whole) {
    std::vector<event> events;
    for (const operation& each : whole.operations) {
        if (each.invoked == each.returned) {
            events.push_back({each.invoked, &each, event::happens});
            continue;
        }
        events.push_back({each.invoked, &each, event::begins});
        events.push_back({each.returned, &each, event::returns});
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

    /// The same for what happens at one instant.
    bool happen(const operation& op) {
        place_calls();
        replace([&](configuration& each) { return rules_.happen(each, op); });
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

    /// Adds all configurations that are reachable when calls in progress take effect now, and
    /// requests are granted or time out.
    void place_calls() {
        std::vector<configuration> unexplored(candidates_.begin(), candidates_.end());
        specification::configurations next;
        while (!unexplored.empty()) {
            const configuration from = unexplored.back();
            unexplored.pop_back();
            next.clear();
            for (const operation* const op : in_progress_) rules_.place(from, *op, next);
            rules_.step(from, next);
            for (const configuration& each : next)
                if (candidates_.insert(each).second) unexplored.push_back(each);
        }
    }

    specification rules_;
    configurations candidates_;
    std::vector<const operation*> in_progress_;
};

}  // namespace

std::optional<std::uint32_t> unexplained_at(const recording& whole, const allowances& allowed) {
    search search{whole, allowed};
    for (const event& each : events_of(whole)) {
        bool explained = true;
        switch (each.kind) {
            case event::begins: search.begin(*each.op); break;
            case event::returns: explained = search.finish(*each.op); break;
            case event::happens: explained = search.happen(*each.op); break;
        }
        if (!explained) return each.when;
    }
    return std::nullopt;
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

}  // namespace history
