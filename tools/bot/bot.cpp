// SPDX-License-Identifier: BSL-1.0
#include "bot/bot.hpp"

#include <fmt/format.h>

#include <csignal>

#include "bot/durations.hpp"

namespace admit::bot {
namespace {

constexpr duration expire_every = 250ms;
constexpr duration last_words = 10s;  // to say what is unsent when the bot ends
constexpr auto use_error = asio::as_tuple(asio::use_awaitable);

nlohmann::ordered_json to_json(const admit::limits& limits) {
    return {{"max_concurrent", limits.max_concurrent},
            {"max_per_user", limits.max_per_user},
            {"max_waiting", limits.max_waiting},
            {"idle_timeout", show(limits.idle_timeout)},
            {"max_duration", show(limits.max_duration)}};
}

}  // namespace

irc_bot::irc_bot(const config& settings, std::string config_path)
    : config_{settings},
      config_path_{std::move(config_path)},
      log_{settings.log_file},
      engine_{settings.limits, {.histograms = true}},
      metrics_{engine_, settings.metrics_address},
      session_{context_, config_, log_, *this},
      talks_{context_, engine_, session_, config_, log_},
      commands_{engine_, session_, talks_, config_, log_, [this] { drain(); }},
      signals_{context_, SIGTERM, SIGINT, SIGHUP},
      places_due_{context_},
      nicks_due_{context_} {}

bool irc_bot::run() {
    log_.write("limits", to_json(config_.limits));
    // A second signal is heard until the last words are said.
    asio::co_spawn(context_, session_.run(), [this](const std::exception_ptr& thrown) {
        signals_.cancel();
        fails_loudly{}(thrown);
    });
    asio::co_spawn(context_, tell_places(), fails_loudly{});
    asio::co_spawn(context_, look_for_nicks(), fails_loudly{});
    auto stopped = [](error_code) {};
    admit::async_expire(engine_, expire_every,
                        asio::bind_cancellation_slot(stop_expiring_.slot(),
                                                     asio::bind_executor(context_, stopped)));
    wait_for_signal();
    context_.run();
    return !cut_off_;
}

asio::awaitable<void> irc_bot::tell_places() {
    for (;;) {
        places_due_.expires_after(config_.places_every);
        auto waiting = places_due_.async_wait(use_error);
        auto [error] = co_await std::move(waiting);
        if (error) co_return;
        talks_.tell_places();
    }
}

/// A user that shares no channel with the bot may go unseen, so the server is asked.
asio::awaitable<void> irc_bot::look_for_nicks() {
    for (;;) {
        nicks_due_.expires_after(config_.ping_every);
        auto waiting = nicks_due_.async_wait(use_error);
        auto [error] = co_await std::move(waiting);
        if (error) co_return;
        session_.ask_for(talks_.nicks());
    }
}

void irc_bot::wait_for_signal() {
    signals_.async_wait([this](error_code error, int signal) {
        if (error) return;
        if (signal == SIGHUP) {
            read_limits_again();
        } else if (draining_) {
            cut_off_ = true;
            return context_.stop();
        } else {
            drain();
        }
        wait_for_signal();
    });
}

void irc_bot::read_limits_again() {
    try {
        const config read = read_config(config_path_);
        engine_.set_limits(read.limits);
        talks_.set_own_limits(read.own_limits);
        log_.write("limits", to_json(read.limits));
    } catch (const std::exception& wrong) {
        log_.write("limits_kept", {{"reason", wrong.what()}});
    }
}

void irc_bot::drain() {
    if (std::exchange(draining_, true)) return;
    log_.write("draining", {{"active", engine_.active_count()}});
    talks_.tell_all(
        fmt::format("I am shutting down: you have {} to finish", show(config_.drain_deadline)));
    auto drained = [this](error_code, const admit::drain_report& report) {
        log_.write("drained", {{"completed", report.completed},
                               {"cut", report.cut.size()},
                               {"overstayed", report.overstayed}});
        talks_.when_empty([this] { stop(); });  // the last goodbyes are said
    };
    admit::async_drain(engine_, {.deadline = config_.drain_deadline},
                       asio::bind_executor(context_, drained));
}

void irc_bot::stop() {
    stop_expiring_.emit(asio::cancellation_type::terminal);
    places_due_.cancel();
    nicks_due_.cancel();
    session_.stop(last_words);
}

}  // namespace admit::bot
