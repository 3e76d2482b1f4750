// SPDX-License-Identifier: BSL-1.0
// The configuration of admit-ircbot: a file of TOML. docs/guide/bot.md has its keys.
#pragma once

#include <admit/limits.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace admit::bot {

using namespace std::chrono_literals;

struct config {
    // [server]
    std::string host = "127.0.0.1";
    std::size_t port = 6667;
    bool tls = false;
    std::string ca_file;  ///< certificates to trust; empty: those of the system
    std::string nick = "admit";
    std::string user = "admit";
    std::vector<std::string> channels;
    std::string control_channel;  ///< its operators are the bot's; empty: none
    std::string password;         ///< of the server; empty: none
    bool accounts = false;        ///< a user is its account, where the server tells it
    duration connect_timeout = 15s;
    duration ping_every = 30s;
    duration reconnect_min = 1s;
    duration reconnect_max = 60s;

    // [limits]
    admit::limits limits{.max_concurrent = 20,
                         .max_per_user = 5,
                         .idle_timeout = 60s,
                         .max_duration = 5min,
                         .max_waiting = 100,
                         .max_waiting_per_user = 5};
    std::map<std::string, std::size_t> own_limits;  ///< [limits.of]: user: conversations

    // [talk]
    duration wait_at_most = 2min;
    duration grace = 5s;
    duration warn_before = 15s;  ///< the idle timeout
    duration places_every = 3s;  ///< at most as often a user is told its place
    duration drain_deadline = 20s;

    // [sending]
    double burst = 5;
    double lines_per_second = 1;

    std::string operator_password;  ///< [operators]; empty: no !auth
    std::string log_file = "-";     ///< [log]; "-" is standard output
    std::string metrics_address;    ///< [metrics]; empty: not served
};

/// Reads a file. Throws `tools::usage_error`, which names the file, the key, the value and what is
/// allowed.
config read_config(const std::string& path);

}  // namespace admit::bot
