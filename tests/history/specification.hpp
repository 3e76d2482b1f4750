// SPDX-License-Identifier: BSL-1.0
// The sequential specification of the engine, against which the checker compares each history.
// A call takes effect at one instant between its beginning and its return. Grants and time-outs
// take effect between the calls. The `allowances` list the places where the library promises less.
// Any other difference is a mistake of the engine. docs/reliability.md#histories has the rules.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "history/allowances.hpp"
#include "history/configuration.hpp"
#include "history/operation.hpp"

namespace history {

class specification {
public:
    using configurations = std::vector<configuration>;

    explicit specification(const recording& whole, const allowances& allowed = {});

    configuration first() const;

    /// Adds a call to those in progress, or removes the call.
    void begin(const operation&);
    void finish(const operation&);

    /// Initialises the knowledge about a call that begins.
    void begin(configuration&, const operation&) const;
    /// False if the call cannot have returned its result.
    bool finish(configuration&, const operation&) const;
    /// False if what happens at one instant cannot happen now.
    bool happen(configuration&, const operation&) const;

    /// Adds the configurations after a call in progress takes effect now.
    void place(const configuration&, const operation&, configurations& next) const;
    /// Adds the configurations after a request is granted, rejected or timed out now, or a drain
    /// finishes.
    void step(const configuration&, configurations& next) const;

private:
    // Calls that do not wait: specification.cpp.
    bool take_effect(configuration&, const operation&) const;
    bool admit(configuration&, const operation&) const;
    bool reject(configuration&, const operation&, admit::errc reason) const;
    bool end(configuration&, const operation&) const;
    bool set_limits(configuration&, const operation&) const;
    bool may_enter(const configuration&, const operation&) const;
    int entry_limit(const configuration&, const operation&) const;
    bool reaches_global_limit(const configuration&, const operation&) const;
    bool reject_for_global_limit(configuration&, const operation&) const;
    bool reaches_user_limit(const configuration&, const operation&) const;
    void settle(const configuration& before, configuration& after, std::uint8_t cause,
                bool raise) const;
    void hide_room(configuration&, const operation&) const;
    void observe(configuration&) const;

    // What counts for a call: counting.cpp.
    int count_of_user(const configuration&, std::uint8_t user, const operation& judged_call) const;
    int slots_taken(const configuration&, const operation& judged_call) const;
    bool may_hold_slot(const configuration&, const operation&) const;
    struct hands {
        int waits = 0;
        int attempts = 0;
    };
    hands slots_in_hand(const configuration&, const operation& judged_call) const;
    int ends_in_progress(const configuration&, const operation&, std::uint64_t of) const;
    bool is_attempt(const configuration&, const operation&) const;
    bool limit_going_down(const configuration&) const;
    bool changing(const operation& but) const;
    unsigned highest_user_limit(const configuration&) const;
    int lowest_limit(const configuration&) const;
    bool full(const configuration&) const;
    overlap overlapping(const configuration&, std::uint8_t cause) const;

    // The queue: queue.cpp.
    struct line {
        std::array<std::uint8_t, max_waiters> waiters{};
        unsigned length = 0;
    };
    line line_of(const configuration&, std::uint8_t user) const;
    bool before(const configuration&, std::uint8_t a, std::uint8_t b) const;
    unsigned limit_of(std::uint8_t waiter, unsigned per_user) const;
    std::uint8_t ready_of(const configuration&, std::uint8_t user, unsigned per_user) const;
    std::uint8_t ready(const configuration&, unsigned per_user) const;
    std::uint8_t ready(const configuration& now) const { return ready(now, now.in_force.per_user); }
    int ready_with_claim(const configuration&) const;
    int active_of(const configuration&, std::uint8_t user) const;
    int waiting_of(const configuration&, std::uint8_t user) const;
    int granted(const configuration&, std::optional<std::uint8_t> user) const;
    const operation* attempt_of(const configuration&, std::uint8_t user) const;
    bool eligible(const configuration&, std::uint8_t user) const;
    bool overlooked(const configuration&, std::uint8_t user) const;

    // Waiting and draining: waiting.cpp.
    void wait(const configuration&, const operation&, configurations& next) const;
    bool waits_for_slot(const operation&) const;
    bool append(configuration&, const operation&) const;
    bool reject_arrival(configuration&, const operation&, admit::errc reason) const;
    bool withdraw(configuration&, const operation&) const;
    bool grant(configuration&, std::uint8_t waiter) const;
    bool is_first(const configuration&, std::uint8_t waiter) const;
    bool in_turn(const configuration&, std::uint8_t waiter) const;
    bool reject_waiting(configuration&, std::uint8_t waiter) const;
    bool leave(configuration&, std::uint8_t waiter, phase next, std::uint8_t cause) const;
    void cut(const configuration&, const operation&, configurations& next) const;
    bool finish_drain(configuration&, std::uint8_t drain) const;
    bool is_at_rest(const configuration&, const operation&) const;
    bool drains_at_rest(const configuration&) const;

    template <class Visit>
    void for_each_in_progress(Visit visit) const {
        for (const operation* each : in_progress_)
            if (each != nullptr) visit(*each);
    }

    /// The verdict on a request: what its handler is given, or `dropped`; none if it waits to the
    /// end of the history.
    struct fate {
        bool decided = false;
        admit::errc verdict{};
        bool is(admit::errc reason) const { return decided && verdict == reason; }
    };

    allowances allowed_;
    limits at_first_;
    std::array<std::uint64_t, 256> conversations_of_{};
    std::array<std::uint8_t, max_conversations> user_of_{};
    std::array<const operation*, max_waiters> requests_{};
    std::array<fate, max_waiters> fates_{};
    std::array<const operation*, max_drains> reports_{};
    bool told_twice_ = false;
    std::array<const operation*, max_threads> in_progress_{};
};

}  // namespace history
