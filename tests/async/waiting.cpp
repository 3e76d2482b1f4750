// SPDX-License-Identifier: BSL-1.0
// Waiting is bounded and fair, and it changes nothing for requests that do not wait.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/virtual_clock.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::check_at_rest;
using support::counts;
using support::rejection;
using support::user_number;
using support::virtual_clock;
using support::waiter;
using support::waiters;
using namespace std::chrono_literals;

namespace {

admit::limits room_for(std::size_t max_concurrent, std::size_t max_per_user,
                       std::size_t max_waiting, std::size_t max_waiting_per_user) {
    admit::limits limits = counts(max_concurrent, max_per_user);
    limits.max_waiting = max_waiting;
    limits.max_waiting_per_user = max_waiting_per_user;
    return limits;
}

/// Records the user of each grant, and ends the conversation at once, which serves the next waiter.
class counter {
public:
    counter(asio::io_context& io, admit::engine& engine) : io_{io}, engine_{engine} {}

    void wait(const std::string& user) {
        admit::async_admit(
            engine_, user, {.wait_at_most = admit::forever},
            asio::bind_executor(io_, [this, user](boost::system::error_code error, permit granted) {
                if (!error && granted) served.push_back(user);
            }));
    }

    std::vector<std::string> served;

private:
    asio::io_context& io_;
    admit::engine& engine_;
};

/// Jain's fairness index: 1 when all users have the same, 1/n when one user has all.
double jains_index(const std::map<std::string, int>& shares) {
    double sum = 0;
    double squares = 0;
    for (const auto& [name, share] : shares) {
        sum += share;
        squares += static_cast<double>(share) * share;
    }
    return sum * sum / (static_cast<double>(shares.size()) * squares);
}

struct shared_engine {
    explicit shared_engine(const admit::limits& limits) : engine{limits} {}

    waiter& wait(std::string_view user, admit::duration at_most = admit::forever) {
        all.push_back(std::make_unique<waiter>(io.get_executor(), engine, user, at_most));
        return *all.back();
    }
    void poll() {
        io.restart();
        io.poll();
    }

    admit::engine engine;
    asio::io_context io;
    waiters all;
};

}  // namespace

TEST_CASE("waiters are served round robin by user, each user's own in order") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    counter at{io, engine};
    permit held = engine.try_admit("dave").value();
    for (const char* const user : {"alice", "alice", "alice", "bob", "carol", "bob"}) at.wait(user);
    held.end();
    io.run();
    CHECK(at.served == std::vector<std::string>{"alice", "bob", "carol", "alice", "bob", "alice"});
    check_at_rest(engine);
}

TEST_CASE(
    "nine users with one waiter each are served within their first turns, beside a thousand") {
    admit::engine engine{room_for(1, 1, 2000, 1000)};
    asio::io_context io;
    counter at{io, engine};
    permit held = engine.try_admit("holder").value();
    for (int i = 0; i < 1000; ++i) at.wait("many");
    for (std::size_t i = 0; i < 9; ++i) at.wait(user_number(i));
    CHECK(engine.stats().waiting == 1009);
    held.end();
    io.run();
    REQUIRE(at.served.size() == 1009);
    const auto first = at.served.begin();
    CHECK(std::count(first, first + 10, "many") == 1);
    for (std::size_t i = 0; i < 9; ++i) CHECK(std::count(first, first + 10, user_number(i)) == 1);
    check_at_rest(engine);
}

TEST_CASE("over a long mixed load all users get the same, however many of theirs wait") {
    admit::engine engine{room_for(3, 2, 1000, 100)};
    asio::io_context io;
    std::map<std::string, int> shares;
    std::vector<permit> held;
    bool over = false;
    // Of user i, 2 + i * i wait at any time. A waiter that is served waits again at once.
    std::function<void(std::string)> come = [&](const std::string& user) {
        admit::async_admit(
            engine, user, {.wait_at_most = admit::forever},
            asio::bind_executor(io, [&, user](boost::system::error_code error, permit granted) {
                if (error) return;
                ++shares[user];
                held.push_back(std::move(granted));
                if (!over) come(user);
            }));
    };
    for (std::size_t i = 0; i < 10; ++i)
        for (std::size_t k = 0; k < 2 + i * i; ++k) come(user_number(i));
    support::rng random{1};
    for (int served = 0; served < 20'000; ++served) {
        io.restart();
        io.poll();
        REQUIRE(held.size() == 3);
        const auto which = static_cast<std::ptrdiff_t>(random.below(held.size()));
        held.erase(held.begin() + which);
    }
    CHECK(shares.size() == 10);
    CHECK(jains_index(shares) >= 0.99);
    over = true;
    held.clear();
    engine.close();
    io.restart();
    io.run();
}

TEST_CASE("no more than max_waiting wait, and no more than max_waiting_per_user of one user") {
    shared_engine at{room_for(1, 1, 5, 2)};
    permit held = at.engine.try_admit("dave").value();
    at.wait("alice");
    at.wait("alice");
    waiter& too_many_of_one = at.wait("alice");
    at.wait("bob");
    at.wait("bob");
    at.wait("carol");
    waiter& too_many = at.wait("carol");
    CHECK(too_many.waits());  // not completed inside the call
    at.poll();
    CHECK(too_many_of_one.got.refused_as(errc::user_queue_full));
    CHECK(too_many.got.refused_as(errc::queue_full));
    CHECK(at.engine.stats().waiting == 5);
    CHECK(at.engine.stats().rejected.user_queue_full == 1);
    CHECK(at.engine.stats().rejected.queue_full == 1);
    CHECK(at.engine.stats().rejected.total() == 2);
    // A place in the queue that is free again can be taken again.
    at.all[0]->cancel();
    at.poll();
    CHECK(at.engine.stats().waiting == 4);
    waiter& another = at.wait("carol");
    at.poll();
    CHECK(another.waits());
    CHECK(at.engine.stats().waiting == 5);
}

TEST_CASE("with max_waiting 0 a request to wait is rejected at once") {
    for (const auto& [limits, why] : {std::pair{room_for(1, 1, 0, 5), errc::queue_full},
                                      std::pair{room_for(1, 1, 5, 0), errc::user_queue_full}}) {
        shared_engine at{limits};
        permit held = at.engine.try_admit("dave").value();
        waiter& alice = at.wait("alice");
        at.poll();
        CHECK(alice.got.refused_as(why));
        CHECK(at.engine.stats().waiting == 0);
        held.end();
        check_at_rest(at.engine);
    }
}

TEST_CASE("a request that may not wait is rejected by the limit that is reached") {
    shared_engine at{counts(2, 1)};
    for (const admit::duration wait : {0ns, -1ns, admit::duration::min()}) {
        permit alice = at.engine.try_admit("alice").value();
        waiter& blocked = at.wait("alice", wait);
        permit bob = at.engine.try_admit("bob").value();
        waiter& all = at.wait("carol", wait);
        at.poll();
        CHECK(blocked.got.refused_as(errc::user_limit));
        CHECK(all.got.refused_as(errc::global_limit));
    }
    CHECK(at.engine.stats().rejected.user_limit == 3);
    CHECK(at.engine.stats().rejected.global_limit == 3);
    CHECK(at.engine.stats().rejected.total() == 6);
}

TEST_CASE("a user at its own limit does not block other users") {
    shared_engine at{counts(2, 1)};
    permit alice = at.engine.try_admit("alice").value();
    permit carol = at.engine.try_admit("carol").value();
    waiter& first = at.wait("alice");
    waiter& second = at.wait("bob");
    carol.end();
    at.poll();
    CHECK(first.waits());
    CHECK(second.got.has_permit());
    alice.end();
    at.poll();
    CHECK(first.got.has_permit());
}

TEST_CASE("a waiter that is kept out by its own user's limit holds no slot") {
    shared_engine at{counts(3, 1)};
    permit alice = at.engine.try_admit("alice").value();
    for (int i = 0; i < 5; ++i) at.wait("alice");
    at.poll();
    CHECK(at.engine.stats().waiting == 5);
    permit bob = at.engine.try_admit("bob").value();
    CHECK(bob);
    waiter& carol = at.wait("carol");
    at.poll();
    CHECK(carol.got.has_permit());
    CHECK(rejection(at.engine, "dave") == errc::global_limit);
}

TEST_CASE("a request that begins after a waiter does not take its slot") {
    shared_engine at{counts(1, 1)};
    permit held = at.engine.try_admit("alice").value();
    waiter& bob = at.wait("bob");
    held.end();
    CHECK(rejection(at.engine, "carol") == errc::global_limit);
    waiter& dave = at.wait("dave");
    at.poll();
    CHECK(bob.got.has_permit());
    CHECK(dave.waits());
    bob.got.granted.end();
    CHECK(rejection(at.engine, "carol") == errc::global_limit);
    at.poll();
    CHECK(dave.got.has_permit());
}

TEST_CASE("a request that begins after a waiter of the same user does not take its place") {
    shared_engine at{counts(5, 1)};
    permit held = at.engine.try_admit("alice").value();
    waiter& again = at.wait("alice");
    held.end();
    CHECK(rejection(at.engine, "alice") == errc::user_limit);
    at.poll();
    CHECK(again.got.has_permit());
}

TEST_CASE("a free slot is given to a waiter that comes too late to see it freed") {
    // An arrival that follows a cancellation looks for a free slot itself.
    for (int i = 0; i < 100; ++i) {
        shared_engine at{counts(2, 1)};
        permit alice = at.engine.try_admit("alice").value();
        waiter& blocked = at.wait("alice");  // blocked; a slot is free
        at.engine.set_limits(counts(2, 2));
        at.poll();
        CHECK(blocked.got.has_permit());
    }
}

TEST_CASE("counts include active conversations, not waiters") {
    shared_engine at{counts(2, 2)};
    permit alice = at.engine.try_admit("alice").value();
    permit bob = at.engine.try_admit("bob").value();
    for (const char* const user : {"alice", "carol", "carol", "dave"}) at.wait(user);
    CHECK(at.engine.stats().waiting == 4);
    CHECK(at.engine.active_count() == 2);
    CHECK(at.engine.stats().active == 2);
    CHECK(at.engine.stats().users == 2);
    const auto of_all = [&] {
        std::size_t sum = 0;
        for (const char* const user : {"alice", "bob", "carol", "dave"})
            sum += at.engine.active_count(user);
        return sum;
    };
    CHECK(at.engine.active_count("alice") == 1);
    CHECK(at.engine.active_count("carol") == 0);
    CHECK(of_all() == 2);
    CHECK(at.engine.conversations().size() == 2);
    alice.end();
    bob.end();
    CHECK(at.engine.stats().waiting == 2);
    CHECK(of_all() == 2);
    CHECK(at.engine.stats().active == 2);
    CHECK(at.engine.stats().admitted == 4);
    CHECK(at.engine.stats().ended.total() == 2);
}

TEST_CASE("a waiter counts as rejected only when it is rejected") {
    shared_engine at{room_for(1, 1, 4, 4)};
    permit held = at.engine.try_admit("alice").value();
    at.wait("bob");
    waiter& late = at.wait("carol", 1ms);
    at.wait("dave").cancel();
    while (late.waits()) at.io.run_one();
    CHECK(late.got.refused_as(errc::wait_timeout));
    CHECK(at.engine.stats().rejected.wait_timeout == 1);
    CHECK(at.engine.stats().rejected.total() == 1);  // a cancelled wait is no rejection
    at.engine.close();
    at.poll();
    CHECK(at.all[0]->got.refused_as(errc::shutting_down));
    CHECK(at.engine.stats().rejected.shutting_down == 1);
    CHECK(at.engine.stats().rejected.total() == 2);
    CHECK(at.engine.stats().admitted == 1);
}

TEST_CASE("however a conversation ends, its slot goes to the waiter") {
    virtual_clock::set(1000s);
    admit::limits limits{
        .max_concurrent = 1, .max_per_user = 1, .idle_timeout = 10s, .max_duration = 100s};
    admit::engine engine{limits, virtual_clock::source()};
    asio::io_context io;
    const auto handed_over = [&](auto end) {
        permit held = engine.try_admit("alice").value();
        waiter bob{io.get_executor(), engine, "bob"};
        end(held);
        io.restart();
        io.poll();
        return bob.got.has_permit();
    };
    CHECK(handed_over([](permit& held) { held.end(); }));
    CHECK(handed_over([](permit& held) { held = {}; }));
    CHECK(handed_over([&](permit& held) { engine.end(held.id(), admit::status::error); }));
    CHECK(handed_over([&](permit& held) { engine.end(held.detach()); }));
    CHECK(handed_over([&](permit&) {
        virtual_clock::advance(10s);
        CHECK(engine.expire(virtual_clock::now()).idle == 1);
    }));
    CHECK(handed_over([&](permit& held) {
        for (int i = 0; i < 20; ++i) {
            virtual_clock::advance(5s);
            held.touch();
        }
        CHECK(engine.expire(virtual_clock::now()).timed_out == 1);
    }));
    CHECK(handed_over([&](permit&) {
        limits.max_concurrent = 2;
        engine.set_limits(limits);
        limits.max_concurrent = 1;
    }));
    engine.set_limits(limits);
    check_at_rest(engine);
}

TEST_CASE("a conversation that was waited for begins when it is granted") {
    virtual_clock::set(1000s);
    admit::engine engine{{.max_concurrent = 1, .max_per_user = 1, .idle_timeout = 10s},
                         virtual_clock::source()};
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    waiter bob{io.get_executor(), engine, "bob"};
    virtual_clock::advance(9s);
    held.end();
    virtual_clock::advance(1s);
    io.poll();
    REQUIRE(bob.got.has_permit());
    CHECK(engine.conversations().at(0).started == admit::time_point{1009s});
    CHECK(engine.conversations().at(0).user == "bob");
    CHECK(bob.got.granted.remaining() == 9s);
}

TEST_CASE("raised limits admit as many waiters as there is room for") {
    shared_engine at{counts(2, 1)};
    permit alice = at.engine.try_admit("alice").value();
    permit bob = at.engine.try_admit("bob").value();
    for (int i = 0; i < 3; ++i) at.wait("alice");
    for (std::size_t i = 0; i < 4; ++i) at.wait(user_number(i));
    at.engine.set_limits(counts(4, 1));
    at.poll();
    CHECK(granted(at.all) == 2);
    CHECK(at.engine.active_count("alice") == 1);
    at.engine.set_limits(counts(5, 3));
    at.poll();
    CHECK(granted(at.all) == 3);
    at.engine.set_limits(counts(9, 3));
    at.poll();
    CHECK(granted(at.all) == 6);  // one of alice's is over the user's limit
    CHECK(at.engine.active_count("alice") == 3);
    CHECK(at.engine.stats().waiting == 1);
    at.engine.set_limits(counts(9, 9));
    at.poll();
    CHECK(granted(at.all) == 7);
}

TEST_CASE("lowered limits admit no waiter until enough conversations have ended") {
    shared_engine at{counts(4, 4)};
    std::vector<permit> held;
    for (int i = 0; i < 4; ++i) held.push_back(at.engine.try_admit("alice").value());
    for (int i = 0; i < 4; ++i) at.wait(i < 2 ? "alice" : "bob");
    at.engine.set_limits(counts(2, 1));
    for (int i = 0; i < 2; ++i) {
        held.pop_back();
        at.poll();
        CHECK(granted(at.all) == 0);
    }
    held.pop_back();
    at.poll();
    CHECK(granted(at.all) == 1);  // bob's first: alice is still at its limit
    CHECK(at.all[2]->got.has_permit());
    CHECK(at.engine.active_count() == 2);
    held.pop_back();
    at.poll();
    CHECK(at.all[0]->got.has_permit());
    CHECK(granted(at.all) == 2);
    CHECK(at.engine.stats().waiting == 2);
}

TEST_CASE("waiters stay while a limit is 0, and are served when it is raised") {
    for (const admit::limits& paused : {support::counts(0, 2), support::counts(2, 0)}) {
        CAPTURE(paused);
        asio::io_context io;
        admit::engine engine{support::counts(2, 2)};
        auto held = engine.try_admit("held");
        REQUIRE(held);
        engine.set_limits(paused);
        support::waiters all;
        for (const char* const user : {"alice", "bob", "held", "alice"})
            all.push_back(std::make_unique<support::waiter>(io.get_executor(), engine, user));
        io.poll();
        CHECK(engine.stats().waiting == 4);
        held->end();
        io.poll();
        CHECK(engine.stats().waiting == 4);
        engine.set_limits(support::counts(2, 1));
        io.poll();
        CHECK(support::granted(all) == 2);
        CHECK(engine.stats().waiting == 2);
        engine.set_limits(paused);
        for (auto& each : all) each->got.granted.end();
        io.poll();
        CHECK(engine.stats().waiting == 2);
        CHECK(engine.active_count() == 0);
        engine.set_limits(support::counts(2, 2));  // both waiters may be alice's
        io.poll();
        CHECK(engine.stats().waiting == 0);
    }
}

TEST_CASE("a lower max_waiting rejects no waiter that has a place") {
    shared_engine at{room_for(1, 1, 10, 10)};
    permit held = at.engine.try_admit("alice").value();
    for (std::size_t i = 0; i < 5; ++i) at.wait(user_number(i));
    at.engine.set_limits(room_for(1, 1, 2, 2));
    at.poll();
    CHECK(at.engine.stats().waiting == 5);
    waiter& late = at.wait("late");
    at.poll();
    CHECK(late.got.refused_as(errc::queue_full));
    CHECK(at.engine.stats().waiting == 5);
}

TEST_CASE("each of many users at its limit is served when its own conversation ends") {
    constexpr std::size_t users = 300;
    shared_engine at{room_for(2 * users, 1, users, 1)};
    auto held = support::admit_strangers(at.engine, users);
    for (std::size_t i = 0; i < users; ++i) at.wait(user_number(i));
    at.poll();
    CHECK(at.engine.stats().waiting == users);
    std::size_t drain_arrivals = 0;
    for (std::size_t i = 0; i < users; ++i) {
        const std::size_t user = i * 7 % users;
        held[user].end();
        at.poll();
        CHECK(at.all[user]->got.has_permit());
        CHECK(granted(at.all) == ++drain_arrivals);
    }
    CHECK(at.engine.stats().waiting == 0);
}

TEST_CASE("a closed engine rejects its waiters and later requests") {
    shared_engine at{counts(1, 1)};
    permit held = at.engine.try_admit("alice").value();
    at.wait("alice");
    at.wait("bob", 1h);
    at.engine.close();
    CHECK(at.all[0]->waits());  // not completed inside the call
    at.wait("carol", 1h);
    at.wait("dave", 0s);
    at.poll();
    for (const auto& each : at.all) CHECK(each->got.refused_as(errc::shutting_down));
    CHECK(at.engine.stats().waiting == 0);
    CHECK(at.engine.stats().rejected.shutting_down == 4);
    CHECK(held.touch());
}

TEST_CASE("a key of another engine or of no user is refused, waiting or not") {
    shared_engine at{counts(1, 1)};
    admit::engine other{counts(1, 1)};
    support::answer foreign;
    support::answer keyless;
    permit held = at.engine.try_admit("alice").value();
    held.end();
    const admit::wait_options patient{.wait_at_most = admit::forever};
    admit::async_admit(at.engine, other.key("alice"), patient,
                       asio::bind_executor(at.io, support::into(foreign)));
    admit::async_admit(at.engine, std::string(256, 'x'), patient,
                       asio::bind_executor(at.io, support::into(keyless)));
    at.poll();
    CHECK(foreign.refused_as(errc::invalid_user_id));
    CHECK(keyless.refused_as(errc::invalid_user_id));
    CHECK(at.engine.stats().rejected.invalid_user_id == 2);
}

TEST_CASE("a user id of any bytes and its key wait in one queue") {
    shared_engine at{counts(1, 1)};
    const std::string user{"\0\xff\n\0x", 5};
    permit held = at.engine.try_admit(user).value();
    waiter& first = at.wait(user);
    support::answer second;
    admit::async_admit(at.engine, at.engine.key(user), {.wait_at_most = admit::forever},
                       asio::bind_executor(at.io, support::into(second)));
    held.end();
    at.poll();
    CHECK(first.got.has_permit());
    CHECK(at.engine.conversations(user).size() == 1);
    first.got.granted.end();
    at.poll();
    CHECK(second.has_permit());
}
