// SPDX-License-Identifier: BSL-1.0
// From TOML (toml++) to values. Every key of the file has to be asked for, so that a typo is found.
#include "bot/config.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "bot/durations.hpp"
#include "bot/irc_message.hpp"
#include "common/nearest.hpp"
#include "common/option_values.hpp"
#include "common/printable.hpp"

namespace admit::bot {
namespace {

using tools::printable;
using tools::usage_error;

std::string shown(const toml::node& node) {
    if (const auto* text = node.as_string()) return fmt::format("\"{}\"", printable(**text));
    if (const auto* whole = node.as_integer()) return fmt::to_string(**whole);
    if (const auto* number = node.as_floating_point()) return fmt::format("{:g}", **number);
    if (const auto* flag = node.as_boolean()) return **flag ? "true" : "false";
    if (node.is_array()) return "a list";
    return node.is_table() ? "a table" : "a date";
}

/// One table of the file. Each `read` leaves the default where the key is missing.
class section {
public:
    section(std::string path, std::string name, const toml::table* table)
        : path_{std::move(path)}, name_{std::move(name)}, table_{table} {}

    [[noreturn]] void refuse(std::string_view key, const toml::node& node,
                             std::string_view allowed) const {
        throw usage_error(fmt::format("{}:{}: {}{} = {}: not allowed; allowed: {}",
                                      printable(path_), node.source().begin.line, prefix(),
                                      printable(key), shown(node), allowed));
    }

    const toml::node* find(std::string_view key) {
        known_.emplace_back(key);
        return table_ == nullptr ? nullptr : table_->get(key);
    }

    section table(std::string_view key) {
        const toml::node* node = find(key);
        if (node != nullptr && !node->is_table()) refuse(key, *node, "a table");
        return {path_, prefix() + std::string{key}, node == nullptr ? nullptr : node->as_table()};
    }

    void read(std::string_view key, bool& to) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        if (!node->is_boolean()) refuse(key, *node, "true or false");
        to = **node->as_boolean();
    }

    void read(std::string_view key, std::size_t& to, std::size_t min, std::size_t max) {
        if (const toml::node* node = find(key)) to = whole(key, *node, min, max);
    }

    std::size_t whole(std::string_view key, const toml::node& node, std::size_t min,
                      std::size_t max) const {
        const auto* number = node.as_integer();
        if (number == nullptr || **number < 0 || static_cast<std::size_t>(**number) < min ||
            static_cast<std::size_t>(**number) > max)
            refuse(key, node, fmt::format("a whole number from {} to {}", min, max));
        return static_cast<std::size_t>(**number);
    }

    void read(std::string_view key, double& to, double min, double max) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        const auto number = node->value<double>();
        if (!node->is_number() || !(*number >= min && *number <= max))
            refuse(key, *node, fmt::format("a number from {:g} to {:g}", min, max));
        to = *number;
    }

    template <class Duration>
    void read(std::string_view key, Duration& to, duration min, duration max) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        const auto length = read_duration(node->value_or(std::string_view{}));
        if (!length || *length < min || *length > max)
            refuse(
                key, *node,
                fmt::format("a time such as \"30s\", from \"{}\" to \"{}\"", show(min), show(max)));
        to = Duration{std::chrono::duration_cast<std::chrono::milliseconds>(*length)};
    }

    void read(std::string_view key, std::string& to, std::string_view allowed,
              bool (*fits)(std::string_view)) {
        if (const toml::node* node = find(key)) to = text(key, *node, allowed, fits);
    }

    std::string text(std::string_view key, const toml::node& node, std::string_view allowed,
                     bool (*fits)(std::string_view)) const {
        const auto* value = node.as_string();
        if (value == nullptr || !fits(**value)) refuse(key, node, allowed);
        return **value;
    }

    /// A secret is in a file or a variable of the environment, named here; never in this file.
    std::string secret(std::string_view file_key, std::string_view variable_key) {
        std::string file, variable, value;
        read(file_key, file, "the name of a file", [](std::string_view v) { return !v.empty(); });
        read(variable_key, variable, "the name of a variable of the environment",
             [](std::string_view v) { return !v.empty(); });
        if (const char* set = variable.empty() ? nullptr : std::getenv(variable.c_str()))
            value = set;
        if (!variable.empty() && value.empty())
            refuse(variable_key, *table_->get(variable_key), "a variable that is set");
        if (!file.empty()) {
            std::ifstream in{file};
            if (!std::getline(in, value) || value.empty())
                refuse(file_key, *table_->get(file_key),
                       "a file that can be read, with the secret as its first line");
        }
        return value;
    }

    void require_known() const {
        if (table_ == nullptr) return;
        for (const auto& [key, node] : *table_) {
            if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
            throw usage_error(fmt::format("{}:{}: {}{}: no such key; did you mean {}?",
                                          printable(path_), key.source().begin.line, prefix(),
                                          printable(key.str()), tools::nearest(key.str(), known_)));
        }
    }

    const toml::table* entries() const { return table_; }

private:
    std::string prefix() const { return name_.empty() ? "" : name_ + '.'; }

    std::string path_, name_;
    const toml::table* table_;
    std::vector<std::string_view> known_;
};

bool is_word(std::string_view text) {
    constexpr std::string_view forbidden{" ,:!@*?\r\n\0", 10};
    return !text.empty() && text.size() <= 30 && text.find_first_of(forbidden) == text.npos;
}

bool is_channel(std::string_view text) {
    constexpr std::string_view forbidden{" ,:\a\r\n\0", 7};
    return text.size() >= 2 && text.size() <= 50 &&
           std::string_view{"#&+!"}.find(text.front()) != std::string_view::npos &&
           text.find_first_of(forbidden) == text.npos;
}

bool is_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const auto port = read_number(text.substr(colon + 1));
    return port && *port >= 1 && *port <= 65535;
}

void read_server(section server, config& to) {
    constexpr std::string_view a_word = "1 to 30 characters, none of them a space or one of ,:!@*?";
    constexpr std::string_view a_channel = "names of channels such as \"#work\"";
    server.read("host", to.host, "the name or address of a server",
                [](std::string_view v) { return !v.empty() && v.size() <= 255; });
    server.read("tls", to.tls);
    if (to.tls) to.port = 6697;
    server.read("port", to.port, 1, 65535);
    server.read("ca_file", to.ca_file, "the name of a file", [](std::string_view) { return true; });
    server.read("nick", to.nick, a_word, is_word);
    server.read("user", to.user, a_word, is_word);
    server.read("control_channel", to.control_channel, a_channel, is_channel);
    if (const toml::node* node = server.find("channels")) {
        if (!node->is_array()) server.refuse("channels", *node, a_channel);
        for (const toml::node& one : *node->as_array())
            to.channels.push_back(server.text("channels", one, a_channel, is_channel));
    }
    if (!to.control_channel.empty()) to.channels.push_back(to.control_channel);
    server.read("accounts", to.accounts);
    server.read("connect_timeout", to.connect_timeout, 100ms, 5min);
    server.read("ping_every", to.ping_every, 100ms, 1h);
    server.read("reconnect_min", to.reconnect_min, 10ms, 1h);
    server.read("reconnect_max", to.reconnect_max, to.reconnect_min, 24h);
    to.password = server.secret("password_file", "password_env");
    server.require_known();
}

void read_limits(section limits, config& to) {
    constexpr std::size_t most = admit::limits::most_concurrent;
    constexpr std::size_t waiting = admit::limits::most_waiting;
    limits.read("max_concurrent", to.limits.max_concurrent, 0, most);
    limits.read("max_per_user", to.limits.max_per_user, 0, most);
    limits.read("max_waiting", to.limits.max_waiting, 0, waiting);
    limits.read("max_waiting_per_user", to.limits.max_waiting_per_user, 0, waiting);
    limits.read("idle_timeout", to.limits.idle_timeout, 1s, 24h);
    limits.read("max_duration", to.limits.max_duration, 1s, 24h);
    section of = limits.table("of");
    if (of.entries() != nullptr)
        for (const auto& [user, node] : *of.entries())
            to.own_limits[std::string{user.str()}] = of.whole(user.str(), node, 0, most);
    limits.require_known();
}

void read_rest(section& file, config& to) {
    section talk = file.table("talk");
    talk.read("wait_at_most", to.wait_at_most, 0s, 24h);
    talk.read("grace", to.grace, 0s, 1h);
    talk.read("warn_before", to.warn_before, 0s, 1h);
    talk.read("places_every", to.places_every, 100ms, 1h);
    talk.read("drain_deadline", to.drain_deadline, 0s, 1h);
    talk.require_known();

    section sending = file.table("sending");
    sending.read("burst", to.burst, 1, 1000);
    sending.read("lines_per_second", to.lines_per_second, 0.1, 1000);
    sending.require_known();

    section operators = file.table("operators");
    to.operator_password = operators.secret("password_file", "password_env");
    operators.require_known();

    section log = file.table("log");
    log.read("file", to.log_file, "the name of a file, or \"-\"",
             [](std::string_view v) { return !v.empty(); });
    log.require_known();

    section metrics = file.table("metrics");
    metrics.read("address", to.metrics_address, "ADDRESS:PORT such as \"127.0.0.1:9464\"",
                 is_address);
    metrics.require_known();
}

}  // namespace

config read_config(const std::string& path) {
    std::ifstream in{path};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in.is_open())
        throw usage_error(
            fmt::format("{}: cannot be read; allowed: a file of TOML", printable(path)));
    toml::table table;
    try {
        table = toml::parse(text, path);
    } catch (const toml::parse_error& wrong) {
        throw usage_error(fmt::format("{}:{}: no TOML: {}", printable(path),
                                      wrong.source().begin.line, wrong.description()));
    }
    config read;
    section file{path, "", &table};
    read_server(file.table("server"), read);
    read_limits(file.table("limits"), read);
    read_rest(file, read);
    file.require_known();
    return read;
}

}  // namespace admit::bot
