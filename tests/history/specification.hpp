// The sequential engine, as calls may see it.
//
// A configuration is one state in which the engine may be, after some of the calls have taken
// effect. A call takes effect in one step at one instant between its beginning and its return.
// Where the library promises less, that is one of the `allowances`. Whatever does not follow from
// these is a mistake of the engine.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "history/operation.hpp"

namespace history {

/// Where the engine is allowed to differ from one that does one call after the other.
struct allowances {
    /// An attempt counts against its own user while its call lasts.
    bool own_attempts = true;
    /// A conversation has ended before its count and its slot are free again: both may count as
    /// taken until the call that ended it returns.
    bool ends_under_way = true;
    /// While a limit is being lowered, each call in progress may hold one slot with which it is
    /// about to carry that out.
    bool payers = true;
    /// While a limit is being raised, only some of the new slots may be there.
    bool slots_in_turn = true;
    /// A call that began before `set_limits` or `close` returned may go by what was in force at its
    /// beginning, or at any instant of the call.
    bool judged_on_entry = true;
    /// Reasons are looked at one after the other. The one given holds at one instant of the call;
    /// a greater one does not hold at another.
    bool reasons_in_turn = true;
};

/// What is known of a call in progress.
struct call {
    bool placed = false;           // it has taken effect
    std::uint8_t user_limits = 0;  // bit n: one user's limit was n at some instant of the call
    bool saw_open = false;         // the engine was not closed when it began
    bool saw_room = false;         // the engine was not full at some instant of the call
    bool may_pay = false;          // a limit was being lowered at some instant of the call

    auto operator<=>(const call&) const = default;
};

struct configuration {
    std::uint64_t active = 0;  // a bit for each conversation
    limits in_force;
    std::uint8_t least_concurrent = 1;  // that was in force during a `set_limits` in progress
    std::uint8_t most_concurrent = 1;
    bool closed = false;
    std::array<call, most_threads> calls{};

    auto operator<=>(const configuration&) const = default;
};

class specification {
public:
    explicit specification(const recording& whole, const allowances& allowed = {});

    configuration first() const;

    /// The calls in progress change.
    void begin(const operation&);
    void finish(const operation&);

    /// What is known of a call that has just begun.
    void begin(configuration&, const operation&) const;
    /// False if the call cannot have returned what it did.
    bool finish(configuration&, const operation&) const;

    /// The configuration after a call in progress has taken effect; none if it cannot now.
    std::optional<configuration> place(const configuration&, const operation&) const;

private:
    bool admit(configuration&, const operation&) const;
    bool refuse(const configuration&, const operation&) const;
    bool end(configuration&, const operation&) const;
    static void set_limits(configuration&, const operation&);

    bool drain_arrivals(const configuration&, const operation&) const;
    int of_user(const configuration&, std::uint8_t user, const operation& asking) const;
    int slots_taken(const configuration&, const operation& asking) const;
    bool ending(const configuration&, const operation&) const;
    bool lowering(const configuration&) const;
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
    std::array<const operation*, most_threads> in_progress_{};
};

}  // namespace history
