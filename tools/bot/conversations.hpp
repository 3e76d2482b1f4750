// SPDX-License-Identifier: BSL-1.0
// What users asked for: each request waits for its turn, runs under a permit, and ends. This is
// where the bot meets the engine; commands.cpp calls it.
#pragma once

#include <admit/async.hpp>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "bot/config.hpp"
#include "bot/irc_session.hpp"
#include "bot/log.hpp"

namespace admit::bot {

/// A user on the network, and where it wants its answers.
struct client {
    std::string nick;
    std::string user;      ///< for the engine: `user@host`, or the account
    std::string reply_to;  ///< its nick, or the channel where it asked
};

class conversations {
public:
    conversations(asio::io_context& context, admit::engine& engine, irc_session& session,
                  const config& settings, class log& log);

    void work(const client& from, duration length);
    void ask(const client& from, const std::string& topic);
    /// Hands a line to the conversation that waits for it. False: none does.
    bool hear(const client& from, std::string_view line);
    /// Whether a conversation of `ask` is open here.
    bool is_asking(const client& from) const;
    /// How many requests of this nick, running or waiting, were told to end.
    std::size_t cancel(const client& from);
    void where(const client& from);
    /// Ends all that a user has; how much that was.
    std::size_t kick(const std::string& user);

    void rename(const std::string& from, const std::string& to);
    void gone(const std::string& nick);
    /// A nick speaks for this user now. What another user had under the nick is ended.
    void seen(const client& from);
    /// The connection is lost: nothing can be answered any more.
    void drop_all();
    void tell_all(const std::string& text);
    std::vector<std::string> nicks() const;
    /// The user that a nick with requests speaks for.
    std::optional<std::string> user_of(std::string_view nick) const;

    void say(const client& to, std::string_view text);
    std::size_t limit_of(const std::string& user) const;
    /// False: too many users have a limit of their own.
    bool set_own_limit(const std::string& user, std::optional<std::size_t> limit);
    void set_own_limits(std::map<std::string, std::size_t> all) { own_limits_ = std::move(all); }

    /// Tells users their new places in line. bot.cpp calls it every few seconds.
    void tell_places();
    /// Calls `then` when no request is left, now or later.
    void when_empty(std::function<void()> then);

private:
    struct request {
        request(asio::io_context& context, std::size_t request_number, client from,
                std::string text)
            : number{request_number}, by{std::move(from)}, what{std::move(text)}, wake{context} {}

        std::size_t number;
        client by;
        std::string what;   ///< as its user typed it
        duration length{};  ///< of work
        bool asks = false;  ///< for the user's next lines
        bool running = false;
        bool unheard = false;  ///< its user has gone: no answers
        std::size_t told_place = 0;
        clock::time_point began{};
        std::deque<std::string> lines;
        asio::steady_timer wake;
        asio::cancellation_signal cancel;
    };
    using request_ptr = std::shared_ptr<request>;

    const request_ptr* open_conversation(const client& with) const;
    void start(const request_ptr& mine);
    void begin(request& mine);
    asio::awaitable<void> do_work(request_ptr mine, admit::permit& permit);
    asio::awaitable<void> converse(request_ptr mine, admit::permit& permit);
    void notify(const request& mine, std::string_view text);
    void warn(const request& mine, duration left);
    void finish(const request_ptr& mine, const std::exception_ptr& thrown, const outcome& result);
    std::string ending(const request& mine, const outcome& result, bool failed) const;
    std::string rejection(const request& mine, const boost::system::error_code& reason) const;
    std::map<const request*, std::size_t> places() const;
    void end(request& mine, bool unheard);
    template <class Which>
    std::size_t end_each(bool unheard, Which which);

    asio::io_context& context_;
    admit::engine& engine_;
    irc_session& session_;
    const config& config_;
    class log& log_;
    std::list<request_ptr> requests_;
    std::map<std::string, std::size_t> own_limits_;
    std::function<void()> when_empty_;
    std::size_t last_number_ = 0;
};

}  // namespace admit::bot
