// SPDX-License-Identifier: BSL-1.0
// The sequential specification of the engine, against which the checker compares each history.
// A configuration is one possible state of the engine after some of the calls have taken effect.
// A call takes effect at one instant between its beginning and its return. The `allowances` list
// the places where the library promises less. Any other difference is a mistake of the engine.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "history/operation.hpp"

namespace history {

/// The permitted differences from an engine that runs one call after the other.
struct allowances {
    /// An attempt counts against its own user while its call lasts.
    bool attempts_count = true;
    /// A conversation ends before its count and its slot are free again. Both may count as taken
    /// until the call that ended the conversation returns.
    bool ends_in_progress = true;
    /// While a limit goes down, each call in progress may hold one slot that it is about to
    /// disable.
    bool shrinking_holds_slots = true;
    /// While a limit goes up, only some of the new slots may be enabled.
    bool gradual_growth = true;
    /// A call that began before `set_limits` or `close` returned may use the limits of its
    /// beginning, or those of any instant of the call.
    bool judged_on_entry = true;
    /// Reasons are checked one after the other, at instants of their own. The given reason holds at
    /// one instant; each reason checked before it does not hold at another instant.
    bool reasons_in_sequence = true;
};

/// The knowledge about a call in progress.
struct call {
    bool placed = false;           // the call has taken effect
    std::uint8_t user_limits = 0;  // bit n: the limit per user was n at some instant
    bool saw_open = false;         // the engine was open when the call began
    bool saw_room = false;         // the engine was not full at some instant
    bool may_shrink = false;       // a limit was going down at some instant

    auto operator<=>(const call&) const = default;
};

struct configuration {
    std::uint64_t active = 0;  // a bit for each conversation
    limits in_force;
    std::uint8_t lowest_concurrent = 1;  // in force during a `set_limits` in progress
    std::uint8_t highest_concurrent = 1;
    bool closed = false;
    std::array<call, max_threads> calls{};

    auto operator<=>(const configuration&) const = default;
};

class specification {
public:
    explicit specification(const recording& whole, const allowances& allowed = {});

    configuration first() const;

    /// Adds a call to those in progress, or removes the call.
    void begin(const operation&);
    void finish(const operation&);

    /// Initialises the knowledge about a call that begins.
    void begin(configuration&, const operation&) const;
    /// False if the call cannot have returned its result.
    bool finish(configuration&, const operation&) const;

    /// The configuration after a call in progress takes effect; none if that is impossible now.
    std::optional<configuration> place(const configuration&, const operation&) const;

private:
    bool admit(configuration&, const operation&) const;
    bool refuse(const configuration&, const operation&) const;
    bool end(configuration&, const operation&) const;
    static void set_limits(configuration&, const operation&);

    bool may_enter(const configuration&, const operation&) const;
    int count_of_user(const configuration&, std::uint8_t user, const operation& judged_call) const;
    int slots_taken(const configuration&, const operation& judged_call) const;
    bool ending(const configuration&, const operation&) const;
    bool limit_going_down(const configuration&) const;
    void observe(configuration&) const;

    template <class Visit>
    void for_each_in_progress(Visit visit) const {
        for (const operation* each : in_progress_)
            if (each != nullptr) visit(*each);
    }

    bool changing(const operation& but) const;

    allowances allowed_;
    limits at_first_;
    std::array<std::uint64_t, 256> conversations_of_{};
    std::array<const operation*, max_threads> in_progress_{};
};

}  // namespace history
