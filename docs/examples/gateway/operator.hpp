// SPDX-License-Identifier: BSL-1.0
// An operator of the gateway: statistics, the list of conversations, limits, an end by id.
#pragma once

#include <admit/engine.hpp>
#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "connection.hpp"

namespace gateway {

inline std::string statistics(const admit::engine& engine) {
    const admit::stats now = engine.stats();
    std::ostringstream line;
    line << "active=" << now.active << " users=" << now.users << " waiting=" << now.waiting
         << " admitted=" << now.admitted << " rejected=" << now.rejected.total()
         << " completed=" << now.ended.completed << " idle=" << now.ended.idle
         << " timed_out=" << now.ended.timed_out << " drained=" << now.ended.drained
         << " cancelled=" << now.ended.cancelled;
    return line.str();
}

inline std::string listing(const admit::engine& engine) {
    std::ostringstream lines;
    for (const admit::conversation& line : engine.conversations())
        lines << line.id << ' ' << line.user << '\n';
    lines << "end of list";
    return lines.str();
}

inline std::string set_limit(admit::engine& engine, const std::string& name, std::uint32_t value) {
    admit::limits limits = engine.limits();
    if (name == "max_concurrent")
        limits.max_concurrent = value;
    else if (name == "max_per_user")
        limits.max_per_user = value;
    else if (name == "max_waiting")
        limits.max_waiting = value;
    else if (name == "idle_timeout_ms")
        limits.idle_timeout = std::chrono::milliseconds{value};
    else if (name == "max_duration_ms")
        limits.max_duration = std::chrono::milliseconds{value};
    else
        return "no limit is called " + name;
    try {
        engine.set_limits(limits);
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return "set " + name + ' ' + std::to_string(value);
}

inline std::string answer(admit::engine& engine, const std::string& line) {
    std::istringstream words{line};
    std::string verb, name, value;
    words >> verb >> name >> value;
    if (verb == "stats") return statistics(engine);
    if (verb == "list") return listing(engine);
    if (const auto to = number(value); verb == "set" && to) return set_limit(engine, name, *to);
    if (const auto id = admit::conversation_id::from_string(name); verb == "end" && id)
        return engine.end(*id) ? "ended " + name : "no such conversation: " + name;
    return "usage: stats | list | set LIMIT NUMBER | end ID";
}

inline asio::awaitable<void> serve_operator(std::shared_ptr<connection> lines,
                                            admit::engine& engine) {
    std::string line;
    for (;;) {
        auto reading = lines->read_line(line);
        const bool open = co_await std::move(reading);
        if (!open) break;
        lines->say(answer(engine, line));
    }
}

}  // namespace gateway
