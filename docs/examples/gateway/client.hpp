// SPDX-License-Identifier: BSL-1.0
// A client of the gateway: waits for a slot, talks under a permit, is told why not.
#pragma once

#include <admit/async.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "connection.hpp"

namespace gateway {

using namespace std::chrono_literals;

constexpr std::size_t max_unread = 16;  // lines of a client that the bot has not answered
constexpr std::uint32_t max_wait = 60;  // seconds that a client may wait for a slot

// Why not, in a form for programs and one for people, and when to try again.
inline std::string rejection(const admit::engine& engine, const std::string& user,
                             error_code reason) {
    std::string line = "rejected " + std::to_string(reason.value()) + " (" + reason.message() + ')';
    const admit::duration wait = engine.retry_after(user);
    if (wait == admit::never) return line + ", retry later";
    const auto seconds = std::chrono::round<std::chrono::seconds>(wait);
    return line + ", retry after " + std::to_string(seconds.count()) + " s";
}

class client : public std::enable_shared_from_this<client> {
public:
    client(std::shared_ptr<connection> lines, admit::engine& engine, asio::io_context& context)
        : lines_{std::move(lines)},
          engine_{engine},
          context_{context},
          heard_{context, max_unread} {}

    asio::awaitable<void> serve() {
        std::string line;
        for (;;) {
            auto reading = lines_->read_line(line);
            const bool open = co_await std::move(reading);
            if (!open) break;
            hear(line);
        }
        cancel_.emit(asio::cancellation_type::terminal);  // a client that has gone is not served
    }

private:
    enum class state { idle, waiting, talking };

    void hear(const std::string& line) {
        if (state_ == state::idle) return start(line);
        if (line == "cancel") return cancel_.emit(asio::cancellation_type::terminal);
        if (state_ == state::waiting) return lines_->say("please wait, or cancel");
        if (!heard_.try_send(error_code{}, line)) lines_->say("too fast, this line is lost");
    }

    void start(const std::string& line) {
        std::istringstream words{line};
        std::string verb, user, wait = "0", rest;
        words >> verb >> user >> wait >> rest;
        const auto seconds = number(wait);
        if (verb != "talk" || user.empty() || !rest.empty() || !seconds || *seconds > max_wait)
            return lines_->say("usage: talk USER [SECONDS], with 0 to 60 seconds to wait");
        user_ = user;
        state_ = state::waiting;
        auto body = [self = shared_from_this()](admit::permit& permit) {
            return self->converse(permit);
        };
        auto finished = [self = shared_from_this()](std::exception_ptr thrown,
                                                    const admit::outcome& outcome) {
            self->finish(thrown, outcome);
        };
        admit::async_with_permit(
            engine_, user_, {.wait_at_most = std::chrono::seconds{*seconds}, .grace = 2s}, body,
            asio::bind_cancellation_slot(cancel_.slot(), asio::bind_executor(context_, finished)));
    }

    // The bot. Cancelled by the client's `cancel`, by expiry, by a drain or by an operator.
    asio::awaitable<void> converse(admit::permit& permit) {
        state_ = state::talking;
        lines_->say("admitted " + admit::to_string(permit.id()));
        try {
            for (;;) {
                auto hearing = heard_.async_receive(asio::use_awaitable);
                const std::string line = co_await std::move(hearing);
                if (line == "bye") co_return;
                permit.touch();
                lines_->say("you said: " + line);
            }
        } catch (const boost::system::system_error&) {
            // To await anything here, asio::this_coro::reset_cancellation_state() comes first.
            lines_->say(permit.ending() ? "I have to stop" : "as you like");
        }
    }

    void finish(const std::exception_ptr& thrown, const admit::outcome& outcome) {
        state_ = state::idle;
        heard_.reset();
        if (outcome.rejected == asio::error::operation_aborted)
            lines_->say("cancelled");
        else if (!outcome)
            lines_->say(rejection(engine_, user_, outcome.rejected));
        else
            lines_->say((thrown ? "failed " : "goodbye ") + std::string{to_string(outcome.ended)});
    }

    std::shared_ptr<connection> lines_;
    admit::engine& engine_;
    asio::io_context& context_;
    asio::cancellation_signal cancel_;
    asio::experimental::channel<void(error_code, std::string)> heard_;
    state state_ = state::idle;
    std::string user_;
};

}  // namespace gateway
