#include "history/linearizability.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace history {

namespace {

struct event {
    std::uint32_t when;
    const operation* of;
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
        : rules_{whole, allowed}, possible_{rules_.first()} {}

    void begin(const operation& of) {
        rules_.begin(of);
        in_progress_.push_back(&of);
        replace([&](configuration& each) {
            rules_.begin(each, of);
            return true;
        });
    }

    /// False: nothing explains what has been seen.
    bool finish(const operation& of) {
        place_calls();
        replace([&](configuration& each) { return rules_.finish(each, of); });
        rules_.finish(of);
        std::erase(in_progress_, &of);
        return !possible_.empty();
    }

private:
    template <class Change>
    void replace(Change change) {
        configurations next;
        for (configuration each : possible_)
            if (change(each)) next.insert(each);
        possible_ = std::move(next);
    }

    /// All that can be reached by calls in progress that take effect now.
    void place_calls() {
        std::vector<configuration> fresh(possible_.begin(), possible_.end());
        while (!fresh.empty()) {
            const configuration from = fresh.back();
            fresh.pop_back();
            for (const operation* const of : in_progress_) {
                const auto next = rules_.place(from, *of);
                if (next && possible_.insert(*next).second) fresh.push_back(*next);
            }
        }
    }

    specification rules_;
    configurations possible_;
    std::vector<const operation*> in_progress_;
};

std::string name_of(const operation& each) {
    const auto number = [](unsigned n) { return std::to_string(n); };
    switch (each.what) {
        case action::admit:
            return "admit(user " + number(each.user) + ") = " +
                   (each.admitted() ? "conversation " + number(each.conversation)
                                    : make_error_code(each.reason).message());
        case action::end:
            return "end(conversation " + number(each.conversation) +
                   ") = " + (each.ended ? "true" : "false");
        case action::set_limits:
            return "set_limits(" + number(each.wanted.concurrent) + " of all, " +
                   number(each.wanted.per_user) + " of one)";
        case action::close: break;
    }
    return "close()";
}

}  // namespace

bool linearizable(const recording& whole, const allowances& allowed) {
    search search{whole, allowed};
    for (const event& each : events_of(whole)) {
        if (!each.returns)
            search.begin(*each.of);
        else if (!search.finish(*each.of))
            return false;
    }
    return true;
}

recording only_of(const recording& whole, std::uint8_t user) {
    std::uint64_t own = 0;
    for (const operation& each : whole.operations)
        if (each.admitted() && each.user == user) own |= std::uint64_t{1} << each.conversation;
    recording part{.first = whole.first, .operations = {}};
    for (const operation& each : whole.operations)
        if (each.what == action::admit
                ? each.user == user
                : each.what == action::end && (own >> each.conversation & 1) != 0)
            part.operations.push_back(each);
    return part;
}

std::string to_string(const recording& whole) {
    std::vector<const operation*> order;
    for (const operation& each : whole.operations) order.push_back(&each);
    std::sort(order.begin(), order.end(),
              [](const auto* a, const auto* b) { return a->invoked < b->invoked; });
    std::string text = "limits at first: " + std::to_string(whole.first.concurrent) + " of all, " +
                       std::to_string(whole.first.per_user) + " of one\n";
    for (const operation* const each : order)
        text += "thread " + std::to_string(each->thread) + "  " + std::to_string(each->invoked) +
                " to " + std::to_string(each->returned) + "  " + name_of(*each) + "\n";
    return text;
}

}  // namespace history
