// SPDX-License-Identifier: BSL-1.0
// The atomic words of the core, each by its transitions.
#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <random>

#include "conversation/activity.hpp"
#include "conversation/conversation_word.hpp"
#include "slots/capacity.hpp"
#include "slots/gate.hpp"
#include "slots/slot_word.hpp"
#include "slots/summary.hpp"
#include "state/counters.hpp"
#include "state/settings.hpp"
#include "support/threads.hpp"
#include "users/home_word.hpp"
#include "users/lane.hpp"

using namespace admit::core;

static slot_mask take_any(slot_word& word) {
    bool contended = false;
    const slot_mask taken = word.take_any(contended);
    CHECK_FALSE(contended);
    return taken;
}

static void enable(slot_word& word, unsigned slots) {
    for (unsigned i = 0; i < slots; ++i) word.enable();
}

// --- slot_word ------------------------------------------------------------------------------

TEST_CASE("slot_word: at first every slot is disabled") {
    slot_word word;
    CHECK(word.free() == 0);
    CHECK(word.taken() == 0);
    CHECK(take_any(word) == 0);
    CHECK_FALSE(word.take(1));
}

TEST_CASE("slot_word: slots are enabled one by one, until none is disabled") {
    slot_word word;
    for (unsigned i = 0; i < slots_per_word; ++i) {
        CHECK(word.enable() == slot_mask{1} << i);
        CHECK(std::popcount(word.free()) == static_cast<int>(i) + 1);
    }
    CHECK(word.enable() == 0);
    CHECK(word.free() == every_slot);
}

TEST_CASE("slot_word: every free slot is taken once, the lowest first") {
    slot_word word;
    enable(word, slots_per_word);
    for (unsigned i = 0; i < slots_per_word; ++i) CHECK(take_any(word) == slot_mask{1} << i);
    CHECK(take_any(word) == 0);
    CHECK(word.taken() == every_slot);
    CHECK(word.give(8) == slot_word::duty::check_gate);
    CHECK(word.free() == 8);
    CHECK_FALSE(word.take(16));
    CHECK(word.take(8));
    CHECK_FALSE(word.take(8));
}

TEST_CASE("slot_word: a disabled slot is neither free nor taken until it is enabled again") {
    slot_word word;
    enable(word, 2);
    const slot_mask slot = take_any(word);
    CHECK(word.disable(slot) == slot_word::duty::check_gate);
    CHECK((word.free() & slot) == 0);
    CHECK(word.taken() == 0);
    CHECK_FALSE(word.take(slot));
    enable(word, slots_per_word);
    CHECK(word.free() == every_slot);
}

TEST_CASE("slot_word: the holder of a slot when the engine went learns it by giving it back") {
    slot_word word;
    enable(word, 4);
    const slot_mask given = take_any(word);
    const slot_mask disabled = take_any(word);
    CHECK(word.disable_all() == (given | disabled));
    CHECK(word.give(given) == slot_word::duty::unpin_engine);
    CHECK(word.disable(disabled) == slot_word::duty::unpin_engine);
    CHECK_FALSE(word.take(given));
    CHECK(word.disable_all() == 0);
    word.reset();
    CHECK(word.free() == 0);
    CHECK(word.taken() == 0);
    enable(word, slots_per_word);
    CHECK(word.free() == every_slot);
}

// --- gate -----------------------------------------------------------------------------------

TEST_CASE("gate: full takes a proposal and its confirmation") {
    gate word;
    CHECK(word.read().open());
    const auto proposal = word.propose_full();
    CHECK_FALSE(proposal.full());
    CHECK(proposal.room_denied());
    CHECK_FALSE(word.read().full());  // a proposal refuses no request
    CHECK(word.confirm_full(proposal));
    CHECK(word.read().full());
    CHECK_FALSE(word.read().open());
    CHECK(word.propose_full().full());
    word.reopen();
    CHECK(word.read().open());
    CHECK_FALSE(word.read().room_denied());
}

TEST_CASE("gate: a slot given back meanwhile makes the confirmation fail") {
    gate word;
    const auto proposal = word.propose_full();
    word.reopen();
    CHECK_FALSE(word.confirm_full(proposal));
    CHECK(word.read().open());
    // Neither does a later proposal revive it: the version is another.
    const auto later = word.propose_full();
    CHECK_FALSE(word.confirm_full(proposal));
    CHECK_FALSE(word.read().full());
    CHECK(word.confirm_full(later));
}

TEST_CASE("gate: any thread that sees a proposal may confirm it, once") {
    gate word;
    const auto first = word.propose_full();
    const auto second = word.propose_full();
    CHECK(word.confirm_full(second));
    CHECK_FALSE(word.confirm_full(first));
    CHECK(word.read().full());
}

TEST_CASE("gate: closing meanwhile makes the confirmation fail") {
    gate closed;
    const auto first = closed.propose_full();
    closed.close();
    CHECK_FALSE(closed.confirm_full(first));
    CHECK(closed.read().closed());
    CHECK_FALSE(closed.read().full());
    CHECK(closed.confirm_full(closed.propose_full()));
}

TEST_CASE("gate: its parts do not disturb each other") {
    gate word;
    word.raise_summary(2);
    word.raise_summary(1);  // never lower
    CHECK(word.read().height() == 2);
    word.close();
    CHECK(word.confirm_full(word.propose_full()));
    CHECK(word.read().height() == 2);
    CHECK(word.read().closed());
    CHECK(word.read().full());
    word.reopen();
    CHECK(word.read().closed());
    word.raise_summary(3);
    CHECK(word.read().height() == 3);
}

TEST_CASE("gate: reset opens and keeps height and version") {
    gate word;
    word.raise_summary(2);
    const auto old = word.propose_full();
    word.close();
    word.reset();
    CHECK(word.read().open());
    CHECK(word.read().height() == 2);
    word.propose_full();
    CHECK_FALSE(word.confirm_full(old));
}

// --- capacity ----------------------------------------------------------------------------------

TEST_CASE("capacity: at first nothing is allowed, and no slot enabled") {
    capacity word;
    CHECK(word.read().limit.total == 0);
    CHECK(word.read().enabled == 0);
    CHECK_FALSE(word.grow_one());
    CHECK_FALSE(word.shrink_one());
}

TEST_CASE("capacity: the enabled slots follow the limit, up and down, and stop there") {
    capacity word;
    word.replace({.total = 3, .per_user = 2});
    CHECK(word.read().shortfall() == 3);
    for (int i = 0; i < 3; ++i) CHECK(word.grow_one());
    CHECK_FALSE(word.grow_one());
    CHECK(word.read().enabled == 3);
    word.replace({.total = 1, .per_user = 1});
    CHECK(word.read().excess() == 2);
    CHECK(word.read().shortfall() == 0);
    for (int i = 0; i < 2; ++i) CHECK(word.shrink_one());
    CHECK_FALSE(word.shrink_one());
    CHECK(word.read().enabled == 1);
    CHECK(word.read().limit.total == 1);
    CHECK(word.read().limit.per_user == 1);
}

TEST_CASE("capacity: the largest numbers do not disturb each other") {
    capacity word;
    word.replace({.total = capacity::max_count, .per_user = 1});
    for (std::uint32_t i = 0; i < capacity::max_count; ++i) REQUIRE(word.grow_one());
    word.replace({.total = 1, .per_user = capacity::max_count});
    CHECK(word.read().limit.total == 1);
    CHECK(word.read().limit.per_user == capacity::max_count);
    CHECK(word.read().enabled == capacity::max_count);
    CHECK(word.read().excess() == capacity::max_count - 1);
    CHECK(word.shrink_one());
    CHECK(word.read().limit.per_user == capacity::max_count);
    word.reset();
    CHECK(word.read().enabled == 0);
    CHECK(word.read().limit.per_user == 0);
}

// --- summary_word ---------------------------------------------------------------------------

TEST_CASE("summary_word: a child becomes empty by proposal and confirmation") {
    summary_word word;
    CHECK(word.read().all_empty());
    word.reopen(3);
    CHECK_FALSE(word.read().all_empty());
    CHECK_FALSE(word.read().is_empty(3));
    CHECK(word.read().is_empty(2));
    const auto proposal = word.propose_empty(3);
    CHECK_FALSE(word.read().is_empty(3));
    CHECK_FALSE(word.read().all_empty());
    CHECK(word.confirm_empty(3, proposal));
    CHECK(word.read().all_empty());
}

TEST_CASE("summary_word: reopening makes the confirmation fail, for good") {
    for (unsigned child = 0; child < fan_out; ++child) {
        summary_word word;
        word.reopen(child);
        const auto proposal = word.propose_empty(child);
        word.reopen(child);
        CHECK_FALSE(word.confirm_empty(child, proposal));
        const auto later = word.propose_empty(child);
        CHECK_FALSE(word.confirm_empty(child, proposal));
        CHECK(word.confirm_empty(child, later));
        CHECK(word.propose_empty(child).is_empty(child));
    }
}

TEST_CASE("summary_word: children are independent") {
    summary_word word;
    for (unsigned child = 0; child < fan_out; ++child) word.reopen(child);
    for (unsigned child = 0; child < fan_out; child += 2)
        CHECK(word.confirm_empty(child, word.propose_empty(child)));
    for (unsigned child = 0; child < fan_out; ++child)
        CHECK(word.read().is_empty(child) == (child % 2 == 0));
    for (unsigned child = 1; child < fan_out; child += 2)
        CHECK(word.confirm_empty(child, word.propose_empty(child)));
    CHECK(word.read().all_empty());
}

// --- conversation_word ----------------------------------------------------------------------

TEST_CASE("conversation_word: each conversation ends once, and by its own generation only") {
    conversation_word word;
    CHECK_FALSE(word.read().active());
    std::uint64_t last = 0;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        const std::uint64_t generation = word.begin();
        CHECK(generation > last);
        CHECK(generation % 2 == 1);
        CHECK(word.read().active());
        CHECK(word.read().begun() == i);
        if (i > 1) CHECK_FALSE(word.end(last));
        CHECK_FALSE(word.end(generation + 2));
        CHECK(word.end(generation));
        CHECK_FALSE(word.end(generation));
        CHECK_FALSE(word.end(generation + 2));
        CHECK_FALSE(word.read().active());
        CHECK(word.read().begun() == i);
        last = generation;
    }
}

TEST_CASE("conversation_word: a conversation is told once, and then ends as it was told") {
    conversation_word word;
    const std::uint64_t generation = word.begin();
    auto seen = word.read();
    auto late = seen;
    CHECK(seen.told() == 0);
    CHECK(word.tell(seen, 5));
    CHECK_FALSE(word.tell(late, 3));
    CHECK(late.told() == 5);
    CHECK(late.generation() == generation);
    CHECK(late.active_as(generation));
    CHECK_FALSE(late.active_as(generation + 1));
    CHECK(word.still(generation));
    CHECK_FALSE(word.end(generation));  // by the path that looks at what was told
    auto stale = seen;                  // as it was before the conversation was told
    CHECK_FALSE(word.end(stale, false, false));
    CHECK(stale.told() == 5);
    CHECK(word.end(stale, true, true));
    CHECK_FALSE(word.end(late, true, true));
    CHECK_FALSE(word.read().active());
    CHECK(word.read().told() == 0);
    CHECK(word.read().cut() == 1);
    CHECK(word.read().overstayed() == 1);
    CHECK(word.read().ended() == 1);
    CHECK(word.begin() > generation);
    CHECK(word.read().begun() == 2);
    CHECK(word.read().told() == 0);
}

TEST_CASE("conversation_word: its counts run into each other at no number of ends") {
    conversation_word word;
    for (unsigned i = 1; i <= 200; ++i) {
        word.begin();
        auto seen = word.read();
        REQUIRE(word.end(seen, i % 2 == 0, i % 3 == 0));
        CHECK(word.read().ended() == i);
        CHECK(word.read().begun() == i);
        CHECK(word.read().cut() == i / 2 % 64);
        CHECK(word.read().overstayed() == i / 3 % 32);
        CHECK(word.read().told() == 0);
        CHECK_FALSE(word.read().active());
    }
    word.reset(false);
    CHECK(word.read().cut() == 0);
    CHECK(word.read().overstayed() == 0);
    CHECK(word.read().ended() == 200);
}

TEST_CASE("conversation_word: timed conversations end by the path that records, and stay timed") {
    conversation_word word;
    word.reset(true);
    for (unsigned i = 1; i <= 70; ++i) {
        const std::uint64_t generation = word.begin();
        CHECK(conversation_word::is_generation(generation));
        auto seen = word.read();
        CHECK(seen.timed());
        CHECK(seen.generation() == generation);
        CHECK(seen.active_as(generation));
        CHECK_FALSE(word.end(generation));
        REQUIRE(word.end(seen, true, true));
        CHECK(word.read().ended() == i);
        CHECK(word.read().cut() == i % 64);
        CHECK(word.read().told() == 0);
    }
    word.reset(false);
    CHECK_FALSE(word.read().timed());
    CHECK(word.end(word.begin()));
}

TEST_CASE("conversation_word: what cannot be the generation of a conversation") {
    CHECK(conversation_word::is_generation(1));
    CHECK_FALSE(conversation_word::is_generation(0));
    CHECK_FALSE(conversation_word::is_generation(2));
    for (unsigned bit = 60; bit < 64; ++bit)
        CHECK_FALSE(conversation_word::is_generation(1 | std::uint64_t{1} << bit));
}

// --- activity -------------------------------------------------------------------------------

TEST_CASE("activity: the second of touch and seal fails") {
    activity word;
    word.start(100);
    auto seen = word.read();
    CHECK(seen.last() == 100);
    CHECK(word.advance(seen, 200));
    CHECK_FALSE(word.seal(seen));
    CHECK_FALSE(word.advance(seen, 300));
    seen = word.read();
    CHECK(seen.last() == 200);
    CHECK(word.seal(seen));
    CHECK(word.read().sealed());
    CHECK_FALSE(word.advance(seen, 300));
    CHECK_FALSE(word.seal(seen));
    word.start(400);
    CHECK_FALSE(word.read().sealed());
}

// --- lane -----------------------------------------------------------------------------------

TEST_CASE("lane: bound by a reservation, it counts up to the limit") {
    lane place;
    CHECK(place.charge(7, 1) == lane::charged::not_here);
    std::uint64_t generation = 0;
    CHECK(place.reserve(generation));
    CHECK(place.read().reserved());
    place.set_tag(7);
    CHECK(place.charge(7, 1) == lane::charged::not_here);  // not bound yet
    std::uint64_t second = 0;
    CHECK_FALSE(place.reserve(second));
    place.bind(place.read());
    CHECK(place.read().count() == 1);
    CHECK(place.charge(7, 1) == lane::charged::at_limit);
    CHECK(place.charge(7, 3) == lane::charged::yes);
    CHECK(place.charge(7, 3) == lane::charged::yes);
    CHECK(place.charge(7, 3) == lane::charged::at_limit);
    CHECK(place.charge(8, 3) == lane::charged::not_here);
    CHECK(place.charge(7, 2) == lane::charged::at_limit);  // lowered meanwhile
    CHECK_FALSE(place.reserve(second));
}

TEST_CASE("lane: a binding is finished once, and an old one not at all") {
    lane place;
    std::uint64_t generation = 0;
    CHECK(place.reserve(generation));
    place.set_tag(7);
    const lane::snapshot first = place.read();
    place.bind(first);
    place.bind(first);
    CHECK(place.read().count() == 1);
    place.discharge();
    place.bind(first);
    CHECK(place.read().count() == 0);
    CHECK(place.reserve(generation));
    CHECK(generation > first.generation());
    place.bind(first);
    CHECK(place.read().reserved());
    place.set_tag(8);
    place.bind(place.read());
    CHECK(place.charge(7, 9) == lane::charged::not_here);
    CHECK(place.charge(8, 9) == lane::charged::yes);
}

TEST_CASE("lane: a reservation that is given up leaves a lane of no user") {
    lane place;
    std::uint64_t generation = 0;
    CHECK(place.reserve(generation));
    place.set_tag(7);
    place.release(generation);
    CHECK(place.tag() == no_user);
    CHECK(place.read().count() == 0);
    CHECK_FALSE(place.read().reserved());
    CHECK(place.charge(7, 1) == lane::charged::not_here);
    std::uint64_t next = 0;
    CHECK(place.reserve(next));
    CHECK(next > generation);
}

TEST_CASE("lane: one user may have the largest limit") {
    lane place;
    std::uint64_t generation = 0;
    CHECK(place.reserve(generation));
    place.set_tag(7);
    place.bind(place.read());
    for (std::uint32_t count = 1; count < 2'000'000; ++count)
        if (place.charge(7, 2'000'000) != lane::charged::yes) FAIL(count);
    CHECK(place.charge(7, 2'000'000) == lane::charged::at_limit);
    CHECK(place.read().count() == 2'000'000);
    CHECK(place.read().generation() == generation);
    CHECK_FALSE(place.read().reserved());
}

TEST_CASE("lane: requests that wait count against the limit, and keep the lane") {
    lane place;
    std::uint64_t generation = 0;
    CHECK(place.reserve(generation, lane::counted::request));
    place.set_tag(7);
    place.bind(place.read());
    CHECK(place.read().active() == 0);
    CHECK(place.read().waiting() == 1);
    CHECK(place.charge(7, 1) == lane::charged::at_limit);
    CHECK(place.charge(7, 2) == lane::charged::yes);
    lane::snapshot before;
    CHECK(place.charge(7, 9, lane::counted::request, &before) == lane::charged::yes);
    CHECK(before.active() == 1);
    CHECK(before.waiting() == 1);
    CHECK(place.discharge().waiting() == 2);
    CHECK_FALSE(place.reserve(generation));
    CHECK(place.charge_waiting(1));
    CHECK_FALSE(place.charge_waiting(1));
    CHECK(place.read().count() == 3);
    place.end_waiting();
    place.end_waiting();
    CHECK(place.read().count() == 1);
    CHECK(place.discharge().waiting() == 0);
    CHECK(place.reserve(generation));
}

// --- home_word ------------------------------------------------------------------------------

TEST_CASE("home_word: everything that is written is read again, up to the ends of its range") {
    home_word word;
    home_word::snapshot now = word.read();
    CHECK(now == home_word::snapshot{});
    std::mt19937_64 random{3};
    constexpr std::uint64_t max_generation = (std::uint64_t{1} << 40) - 1;
    for (int i = 0; i < 1000; ++i) {
        const auto pick = [&](std::uint64_t max) {
            const std::uint64_t choice = random() % 4;
            return choice == 0 ? 0 : choice == 1 ? max : random() % (max + 1);
        };
        const home_word::snapshot next{
            .generation = pick(max_generation),
            .distance = static_cast<unsigned>(pick(home_word::max_distance)),
            .lane = static_cast<unsigned>(pick(lanes_per_bucket - 1)),
            .reach = static_cast<unsigned>(pick(home_word::max_distance)),
            .closed = random() % 2 == 0};
        REQUIRE(word.replace(now, next));
        REQUIRE(word.read() == next);
        if (next != now) REQUIRE_FALSE(word.replace(now, next));
        now = next;
    }
}

// --- counters -------------------------------------------------------------------------------

TEST_CASE("counters: every stripe and kind adds up, the shared stripe under contention too") {
    counters events;
    for (unsigned stripe = 0; stripe <= counter_stripes; ++stripe)
        for (unsigned kind = 0; kind < event_kinds; ++kind)
            for (unsigned i = 0; i <= kind; ++i) events.count(static_cast<event>(kind), stripe);
    for (std::size_t kind = 0; kind < event_kinds; ++kind)
        CHECK(events.sum()[kind] == (counter_stripes + 1) * (kind + 1));
    events.reset();
    CHECK(events.sum() == counters::totals{});
    support::run_together(4, [&](unsigned thread) {
        for (int i = 0; i < 10'000; ++i) {
            events.count(event::ended_idle, counter_stripes);
            events.count(event::ended_error, thread);
        }
    });
    CHECK(events.sum()[static_cast<std::size_t>(event::ended_idle)] == 40'000);
    CHECK(events.sum()[static_cast<std::size_t>(event::ended_error)] == 40'000);
}

// --- settings -------------------------------------------------------------------------------

TEST_CASE("settings: timeouts are replaced with a new version") {
    settings values;
    const std::uint64_t old = values.read_timeouts().version;
    values.replace_timeouts(10, 20);
    CHECK(values.read_timeouts().idle == 10);
    CHECK(values.read_timeouts().max_duration == 20);
    CHECK(values.read_timeouts().shortest() == 10);
    CHECK(values.read_timeouts().version != old);
}

TEST_CASE("settings: times add up to the end of time at most") {
    constexpr nanos end = std::numeric_limits<nanos>::max();
    CHECK(after(1, 2) == 3);
    CHECK(after(end, 0) == end);
    CHECK(after(end - 1, 1) == end);
    CHECK(after(end - 1, 2) == end);
    CHECK(after(end, end) == end);
    CHECK(after(-5, 3) == -2);
    CHECK(after(std::numeric_limits<nanos>::min(), end) == -1);
}
