// SPDX-License-Identifier: BSL-1.0
#include "story.hpp"

#include "changes.hpp"

namespace fleet_model {
namespace {

/// Members are A, B, C; processes of one name are A, A'.
std::string name_of(small i, const configuration& c) {
    std::string name(1, static_cast<char>('A' + c.names[i]));
    for (small j = 0; j < i; ++j)
        if (c.names[j] == c.names[i]) name += '\'';
    return name;
}

std::string number(unsigned n) { return std::to_string(n); }

std::string names_in(small bits, const configuration& c) {
    std::string out;
    for (small i = 0; i < c.processes; ++i)
        if (bits >> i & 1) out += (out.empty() ? "" : ", ") + name_of(i, c);
    return out;
}

std::string request(const message& m, const configuration& c) {
    const char* const what = m.kind == kind::join    ? "join"
                             : m.kind == kind::leave ? "leave"
                                                     : "renewal";
    std::string out =
        std::string{what} + " (holds " + number(m.held) + ", wants " + number(m.wants);
    if (m.quiet) out += "; quiet: " + names_in(m.quiet, c);
    if (m.gone) out += "; gone: " + names_in(m.gone, c);
    if (m.term) out += "; the term is old";
    return out + ")";
}

std::string answer(const message& m) {
    switch (m.kind) {
        case kind::granted: return "granted " + number(m.granted);
        case kind::confirmed: return "learning, keep " + number(m.granted);
        case kind::fenced: return "fenced";
        default: return "nothing";
    }
}

std::string sentence(const step& s, const configuration& c) {
    const std::string who = name_of(s.process, c);
    const std::string kept = s.kept ? " (a copy stays in flight)" : "";
    switch (s.what) {
        case event::tick: return "time passes";
        case event::pause: return who + " is suspended";
        case event::wake: return who + " goes on";
        case event::crash: return who + " crashes";
        case event::ask: return who + " sends a " + request(s.about, c);
        case event::leave: return who + " sends a " + request(s.about, c);
        case event::begin_start: return who + " begins a start: its lease runs";
        case event::finish_start: return who + " finishes that start";
        case event::execute:
            return "Redis executes the " + request(s.about, c) + " of " + who + kept + ": " +
                   answer(s.result);
        case event::execute_at_old:
            return "the old primary executes the " + request(s.about, c) + " of " + who + kept +
                   ": " + answer(s.result);
        case event::answer: return who + " receives: " + answer(s.about) + kept;
        case event::lose: return "a message of or to " + name_of(s.about.from, c) + " is lost";
        case event::restart: return "Redis restarts empty";
        case event::replicate: return "the copy has all that Redis has";
        case event::failover: return "the copy takes Redis's place";
        case event::failback: return "the copy takes Redis's place and gives it back";
        case event::demote: return "the old primary becomes a copy";
        case event::clock_steps: return "Redis's clock steps: the record of " + who + " looks old";
        case event::set_limit: return "set_limit(" + number(s.process) + ")";
    }
    return "";
}

}  // namespace

std::string standing(const state& s, const configuration& c) {
    std::string out;
    for (small i = 0; i < c.processes; ++i) {
        out += name_of(i, c) + " may have " + number(active_with_safe(s.processes[i], c));
        if (s.redis.records[i].exists) out += " [" + number(s.redis.records[i].block) + "]";
        out += ", ";
    }
    return out + "limit in force " + number(s.ceiling);
}

std::string told(const step& what, const state&, const state& after, const configuration& c,
                 unsigned number_of_step) {
    std::string text = number(number_of_step);
    text =
        std::string(text.size() < 3 ? 3 - text.size() : 0, ' ') + text + ". " + sentence(what, c);
    return text + "\n        " + standing(after, c) + "\n";
}

}  // namespace fleet_model
