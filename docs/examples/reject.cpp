// SPDX-License-Identifier: BSL-1.0
// Turns the reason of a rejection into a message for the user. Explained in docs/guide/reject.md.
#include <admit/engine.hpp>
#include <chrono>
#include <iostream>
#include <string>
#include <string_view>

std::string in_seconds(admit::duration length) {
    return std::to_string(std::chrono::round<std::chrono::seconds>(length).count());
}

// How long it takes as a rule, if the engine keeps histograms.
std::string usually(const admit::engine& engine, std::string_view user) {
    if (const auto wait = engine.expected_wait(user))
        return "Usually it takes " + in_seconds(*wait) + " s.";
    return {};
}

// When it makes sense to try again.
std::string when(const admit::engine& engine, std::string_view user) {
    const admit::duration wait = engine.retry_after(user);
    if (wait == admit::never) return "Please try again later.";
    return "Please try again in " + in_seconds(wait) + " s, or sooner. " + usually(engine, user);
}

std::string sorry(const admit::engine& engine, std::string_view user,
                  boost::system::error_code reason) {
    if (reason == admit::errc::shutting_down) return "I restart now. Come back in a few minutes.";
    if (reason == admit::errc::global_limit) return "I am busy. " + when(engine, user);
    if (reason == admit::errc::user_limit)
        return "You have a conversation with me already. " + when(engine, user);
    if (reason == admit::errc::queue_full) return "The queue is full. " + when(engine, user);
    if (reason == admit::errc::user_queue_full) return "You are in the queue already.";
    if (reason == admit::errc::wait_timeout) return "I am still busy. " + when(engine, user);
    return "I cannot talk to you.";  // invalid_user_id: a fault of the bot, worth a line in its log
}

void attempt(admit::engine& engine, std::string_view user) {
    auto permit = engine.try_admit(user);
    if (permit)
        permit->detach();  // the conversation goes on
    else
        std::cout << user << ": " << sorry(engine, user, permit.error()) << '\n';
}

int main() {
    admit::engine engine{admit::limits{.max_concurrent = 2, .max_per_user = 1},
                         {.histograms = true}};
    engine.try_admit("erin")->end();  // from here on the engine knows how long conversations last
    attempt(engine, "");
    attempt(engine, "alice");
    attempt(engine, "alice");
    attempt(engine, "bob");
    attempt(engine, "carol");
    engine.close();
    attempt(engine, "dave");
    return engine.stats().rejected.total() == 4 ? 0 : 1;
}
