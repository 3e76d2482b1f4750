// SPDX-License-Identifier: BSL-1.0
// A model of the engine for one thread: a map of conversations. The fuzzed engine (engine.cpp) has
// to give the same answers.
#pragma once

#include <admit/engine.hpp>
#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace fuzz {

class engine_model {
public:
    struct conversation {
        std::string user;
        admit::time_point started;
        admit::time_point last_activity;
    };

    explicit engine_model(const admit::limits& limits) : limits{limits} {}

    admit::errc admit(unsigned number, const std::string& user, admit::time_point now) {
        if (closed) return admit::errc::shutting_down;
        if (active.size() >= limits.max_concurrent) return admit::errc::global_limit;
        if (user.empty() || user.size() > 255) return admit::errc::invalid_user_id;
        if (count(user) >= limits.max_per_user) return admit::errc::user_limit;
        active[number] = {user, now, now};
        return {};
    }
    bool end(unsigned number) { return active.erase(number) == 1; }
    bool touch(unsigned number, admit::time_point now) {
        if (!active.contains(number)) return false;
        active[number].last_activity = std::max(active[number].last_activity, now);
        return true;
    }
    admit::expired expire(admit::time_point now) {
        admit::expired ended;
        std::erase_if(active, [&](const auto& each) {
            const admit::time_point idle = idle_at(each.second);
            const admit::time_point old = old_at(each.second);
            if (std::min(idle, old) > now) return false;
            ++(old <= idle ? ended.timed_out : ended.idle);
            return true;
        });
        return ended;
    }
    std::size_t count(const std::string& user) const {
        return static_cast<std::size_t>(std::count_if(
            active.begin(), active.end(), [&](const auto& a) { return a.second.user == user; }));
    }
    admit::duration retry_after(const std::string& user, admit::time_point now) const {
        const bool invalid = user.empty() || user.size() > 255;
        if (closed || invalid) return admit::never;
        if (limits.max_concurrent == 0 || limits.max_per_user == 0) return admit::never;
        admit::time_point room{};
        for (const bool own : {true, false}) {
            std::vector<admit::time_point> due;
            for (const auto& [number, each] : active)
                if (!own || each.user == user) due.push_back(std::min(idle_at(each), old_at(each)));
            const std::size_t limit = own ? limits.max_per_user : limits.max_concurrent;
            std::sort(due.begin(), due.end());
            if (due.size() >= limit) room = std::max(room, due[due.size() - limit]);
        }
        if (room == admit::time_point{}) return {};
        if (room == admit::time_point::max()) return admit::never;
        return std::max(room - now, admit::duration{});
    }

    admit::limits limits;
    bool closed = false;
    std::map<unsigned, conversation> active;

private:
    static admit::time_point after(admit::time_point start, admit::duration length) {
        return length > admit::time_point::max() - start ? admit::time_point::max()
                                                         : start + length;
    }
    admit::time_point idle_at(const conversation& found) const {
        return after(found.last_activity, limits.idle_timeout);
    }
    admit::time_point old_at(const conversation& found) const {
        return after(found.started, limits.max_duration);
    }
};

}  // namespace fuzz
