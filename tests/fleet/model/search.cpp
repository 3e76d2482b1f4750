// SPDX-License-Identifier: BSL-1.0
#include "search.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "recovery.hpp"
#include "state_set.hpp"
#include "steps.hpp"
#include "story.hpp"

namespace fleet_model {
namespace {

constexpr std::uint32_t no_parent = 0xffffffff;

class explorer {
public:
    explicit explorer(const configuration& c) : c_{c} {}

    searched run(std::uint64_t most_states) {
        const auto began = std::chrono::steady_clock::now();
        add(first_state(c_), no_parent);
        std::uint32_t level_ends = 1;
        for (std::uint32_t at = 0; at < seen_.size() && !broken_; ++at) {
            if (at == level_ends) {
                ++out_.depth;
                level_ends = seen_.size();
            }
            expand(at);
            if (seen_.size() > most_states) break;
            out_.complete = at + 1 == seen_.size();
        }
        out_.states = seen_.size();
        out_.bytes = seen_.bytes() + parents_.capacity() * sizeof(std::uint32_t);
        if (broken_) tell();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        out_.seconds = took.count();
        return out_;
    }

private:
    void add(const state& s, std::uint32_t parent) {
        if (!seen_.insert(pack(canonical(s, c_)))) return;
        parents_.push_back(parent);
        const char* wrong = violated(s, c_);
        if (wrong == nullptr && c_.recovery && !recovers(s, c_))
            wrong =
                "a member that asks does not get what is free, although nothing goes wrong any "
                "more";
        if (wrong == nullptr || broken_) return;
        broken_ = true;
        out_.violated = wrong;
    }

    void expand(std::uint32_t at) {
        for_each_step(unpack(seen_[at]), c_, [&](const step&, const state& next) {
            ++out_.steps;
            if (!broken_) add(next, at);
        });
    }

    /// The states on the way are canonical, in which processes change places. So the story is
    /// played again from the first state, with each process in its place.
    void tell() {
        std::vector<std::uint32_t> way;
        for (std::uint32_t at = seen_.size() - 1; at != no_parent; at = parents_[at])
            way.push_back(at);
        std::reverse(way.begin(), way.end());
        state now = first_state(c_);
        for (std::size_t k = 1; k < way.size(); ++k) {
            bool done = false;
            state after{};
            for_each_step(now, c_, [&](const step& what, const state& next) {
                if (done || pack(canonical(next, c_)) != seen_[way[k]]) return;
                done = true;
                after = next;
                out_.story += told(what, now, next, c_, static_cast<unsigned>(k));
            });
            now = after;
        }
        out_.story_steps = static_cast<std::uint32_t>(way.size() - 1);
        out_.story += "So " + out_.violated + ": " + standing(now, c_) + "\n";
    }

    const configuration& c_;
    state_set seen_;
    std::vector<std::uint32_t> parents_;
    bool broken_ = false;
    searched out_;
};

}  // namespace

searched search(const configuration& c, std::uint64_t most_states) {
    return explorer{c}.run(most_states);
}

std::string summary(const configuration& c, const searched& s) {
    char line[300];
    std::snprintf(line, sizeof line,
                  "%-34s %10llu states %11llu steps  depth %3u %7.1f s %6.0f MB  %s",
                  c.name.c_str(), static_cast<unsigned long long>(s.states),
                  static_cast<unsigned long long>(s.steps), s.depth, s.seconds,
                  static_cast<double>(s.bytes) / 1e6,
                  !s.violated.empty() ? s.violated.c_str()
                  : s.complete        ? "complete"
                                      : "CUT OFF");
    return line;
}

}  // namespace fleet_model
