// SPDX-License-Identifier: BSL-1.0
// The engine in a bot on a library that calls handlers on threads of its own, as D++ for Discord
// does. Explained in docs/guide/embedding.md.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;

struct question {
    std::string user;
    std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
    bool answered = false;
};
using event = std::shared_ptr<question>;

// Stands for the platform and its library: it wants a first answer within 3 s, and takes more text
// for 15 minutes. A text that breaks these rules is not shown to the user.
class platform {
public:
    auto deliver(const std::string& user, auto handler) {
        auto asked = std::make_shared<question>(question{user});
        return asio::post(pool_, asio::use_future([=] { handler(asked); }));
    }
    void answer(const event& to, const std::string& text) {
        show(*to, text, !to->answered && std::chrono::steady_clock::now() - to->asked < 3s);
        to->answered = true;
    }
    void follow_up(const event& to, const std::string& text) { show(*to, text, to->answered); }
    void wait_for(int texts) {
        while (texts-- > 0)
            if (!shown_.try_acquire_for(10s)) throw std::runtime_error{"a user gets no answer"};
    }
    void disconnect() { pool_.join(); }

private:
    void show(const question& to, const std::string& text, bool accepted) {
        std::cout << to.user + ": " + (accepted ? text : "(no answer)") + '\n' << std::flush;
        shown_.release();
    }
    asio::thread_pool pool_{2};
    std::counting_semaphore<> shown_{0};
};

constexpr admit::limits limits{.max_concurrent = 2, .max_per_user = 1, .max_waiting = 1};
constexpr admit::work_options waiting{.wait_at_most = 4min, .grace = 10s};
static_assert(waiting.wait_at_most + limits.max_duration + waiting.grace < 15min);

class bot {
public:
    explicit bot(platform& chat) : chat_{chat} {
        auto expiring = asio::bind_executor(context_, asio::detached);
        admit::async_expire(engine_, 1s, asio::bind_cancellation_slot(expiry_.slot(), expiring));
        thread_ = std::thread{[this] { context_.run(); }};
    }

    // Runs on a thread of the platform's library, and never blocks it.
    void hear(const event& asked) {
        auto permit = engine_.try_admit(asked->user);
        if (!permit && permit.error() != admit::errc::global_limit) {
            chat_.answer(asked, sorry(*asked, permit.error()));
            return;
        }
        chat_.answer(asked, permit ? "One moment ..." : "You are in line ...");
        auto body = [this, asked](admit::permit& held) { return talk(asked, held); };
        auto done = [this, asked](std::exception_ptr failure, const admit::outcome& outcome) {
            if (failure) chat_.follow_up(asked, "Something went wrong.");
            if (!outcome) chat_.follow_up(asked, sorry(*asked, outcome.rejected));
        };
        auto token = asio::bind_executor(context_, done);
        if (permit)
            admit::async_with_permit(engine_, std::move(*permit), waiting, body, token);
        else
            admit::async_with_permit(engine_, asked->user, waiting, body, token);
    }
    void think(const std::string& text) { model_.try_send(error_code{}, text); }

    // Returns after SIGTERM, when the last text was sent.
    void serve() {
        signals_.async_wait(asio::use_future).get();
        auto draining = admit::async_drain(engine_, {.deadline = 100ms}, asio::use_future);
        const admit::drain_report report = draining.get();
        std::cout << report.completed << " answered, " << report.cut.size() << " cut off\n";
        chat_.disconnect();  // from here on no handler runs
        asio::post(context_, [this] { expiry_.emit(asio::cancellation_type::terminal); });
        thread_.join();  // run() returns when it has no work
    }

private:
    // Runs on the engine's thread.
    asio::awaitable<void> talk(event asked, admit::permit& permit) {
        chat_.follow_up(asked, "I am thinking ...");
        std::string text = "That took too long.";
        try {
            auto thinking = model_.async_receive(asio::use_awaitable);
            text = co_await std::move(thinking);
        } catch (const std::exception&) {
            if (!permit.ending()) throw;  // the model failed: `done` tells the user
            if (permit.ending() == admit::status::drained)
                text = "I restart now. Please ask again.";
        }
        chat_.follow_up(asked, text);
    }

    std::string sorry(const question& asked, error_code reason) const {
        if (reason == admit::errc::shutting_down) return "I restart now. Ask me in a minute.";
        if (reason == admit::errc::user_limit) return "I am thinking about your last question.";
        const admit::duration wait = engine_.retry_after(asked.user);
        if (wait == admit::never) return "I am busy. Try again later.";
        const auto seconds = std::chrono::round<std::chrono::seconds>(wait).count();
        return "I am busy. Try again in " + std::to_string(seconds) + " s, or sooner.";
    }

    platform& chat_;
    asio::io_context context_;
    admit::engine engine_{limits};
    asio::signal_set signals_{context_, SIGTERM, SIGINT};
    asio::cancellation_signal expiry_;
    asio::experimental::concurrent_channel<void(error_code, std::string)> model_{context_, 1};
    std::thread thread_;
};

int main() {
    platform chat;
    bot bot{chat};
    auto ask = [&](const std::string& user, int texts) {
        chat.deliver(user, [&bot](const event& asked) { bot.hear(asked); }).wait();
        chat.wait_for(texts);
    };
    ask("alice", 2);
    ask("alice", 1);  // has a conversation already
    ask("bob", 2);
    ask("carol", 1);                 // waits
    ask("dave", 2);                  // the waiting queue is full
    bot.think("The answer is 42.");  // to alice; carol is next
    chat.wait_for(2);
    ask("erin", 1);  // waits until SIGTERM
    std::cout << "ready" << std::endl;
    bot.serve();
}
