// SPDX-License-Identifier: BSL-1.0
// An engine behind a mutex that does what the specification says, or makes one planted mistake: for
// the tests of the checker. It waits as async_admit does.
#pragma once

#include <admit/async.hpp>
#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "history/subject.hpp"

namespace history {

enum class mistake {
    none,
    attempts_overtake,   ///< attempts come before requests
    stale_waits_count,   ///< what left the queue counts in it
    grants_are_lost,     ///< an ending serves no request
    grants_are_doubled,  ///< a slot goes to two requests
    turns_are_ignored,   ///< a user with two requests is served twice
    order_is_reversed,   ///< the last request of a user goes first
};

template <mistake Planted>
class sequential_engine : public subject {
public:
    sequential_engine(limits first, std::size_t kept) : subject{first, kept}, limits_{first} {}

    answer admit(const std::string& user) override {
        const std::scoped_lock lock{mutex_};
        const answer given = try_admit(user);
        if (Planted == mistake::attempts_overtake) serve();
        return given;
    }

    void wait(const std::string& user, admit::duration at_most, const continuation& then) override {
        const std::scoped_lock lock{mutex_};
        answer given = try_admit(user);
        const bool by_limit =
            given.reason == admit::errc::global_limit || given.reason == admit::errc::user_limit;
        if (by_limit && !user.empty() && at_most > admit::duration::zero()) {
            if (queue_.size() + stale_ >= limits_.waiting)
                given.reason = admit::errc::queue_full;
            else if (waiting_of(user) >= limits_.waiting_per_user)
                given.reason = admit::errc::user_queue_full;
            else
                return enqueue(user, at_most, then);
        }
        go_on(then, given);
    }

    bool end(const admit::conversation_id& id) override {
        const std::scoped_lock lock{mutex_};
        const bool was_active = active_.erase(id.generation) > 0;
        const bool forgets = Planted == mistake::attempts_overtake ||
                             (Planted == mistake::grants_are_lost && ++endings_ % 2 != 0);
        if (was_active && !forgets) serve();
        return was_active;
    }

    void set_limits(limits wanted) override {
        const std::scoped_lock lock{mutex_};
        limits_ = wanted;
        serve();
    }

    void close() override {
        const std::scoped_lock lock{mutex_};
        closed_ = true;
        for (const request& each : queue_)
            go_on(each.then, {.reason = admit::errc::shutting_down, .id = {}});
        queue_.clear();
    }

    int active() const override { return static_cast<int>(active_.size()); }
    int waiting() const override { return static_cast<int>(queue_.size()); }

private:
    struct request {
        unsigned number;
        std::string user;
        continuation then;
    };

    static void go_on(const continuation& then, const answer& given) {
        boost::asio::post(then.executor, [go_on = then.handler, given] { go_on(given); });
    }

    std::size_t active_of(const std::string& user) const {
        std::size_t count = 0;
        for (const auto& [number, owner] : active_) count += owner == user ? 1U : 0U;
        return count;
    }
    std::size_t waiting_of(const std::string& user) const {
        return static_cast<std::size_t>(std::count_if(
            queue_.begin(), queue_.end(), [&](const auto& each) { return each.user == user; }));
    }

    bool ready(const std::string& user, std::size_t place) const {
        return active_of(user) + place < limits_.per_user;
    }
    /// Requests that lack only a slot.
    std::size_t claims() const {
        std::map<std::string, std::size_t> places;
        std::size_t count = 0;
        for (const request& each : queue_) count += ready(each.user, places[each.user]++) ? 1U : 0U;
        return count;
    }

    answer try_admit(const std::string& user) {
        constexpr bool blind = Planted == mistake::attempts_overtake;
        const std::size_t claimed = blind ? 0 : claims();
        const std::size_t waits = blind ? 0 : waiting_of(user);
        if (closed_) return {.reason = admit::errc::shutting_down, .id = {}};
        if (active_.size() + claimed >= limits_.concurrent)
            return {.reason = admit::errc::global_limit, .id = {}};
        if (user.empty()) return {.reason = admit::errc::invalid_user_id, .id = {}};
        if (active_of(user) + waits >= limits_.per_user)
            return {.reason = admit::errc::user_limit, .id = {}};
        return begin(user);
    }

    answer begin(const std::string& user) {
        active_[++last_] = user;
        return {.reason = {}, .id = {.engine = 1, .generation = last_, .slot = 0}};
    }

    void enqueue(const std::string& user, admit::duration at_most, const continuation& then) {
        const unsigned number = ++requests_;
        auto place = queue_.end();
        if (Planted == mistake::order_is_reversed)
            place = std::find_if(queue_.begin(), queue_.end(),
                                 [&](const request& each) { return each.user == user; });
        queue_.insert(place, {number, user, then});
        continuation slots = then;
        slots.slot.assign([this, number](auto) { leave(number, aborted); });
        if (at_most < admit::forever)
            boost::asio::post(then.executor,
                              [this, number] { leave(number, admit::errc::wait_timeout); });
    }

    void leave(unsigned number, admit::errc reason) {
        const std::scoped_lock lock{mutex_};
        const auto found = std::find_if(queue_.begin(), queue_.end(),
                                        [&](const request& each) { return each.number == number; });
        if (found == queue_.end()) return;
        go_on(found->then, {.reason = reason, .id = {}});
        queue_.erase(found);
        if (Planted == mistake::stale_waits_count) ++stale_;
        serve();
    }

    /// The next request in turn: the first of its user, which gives way to those it has passed.
    auto next() {
        std::set<std::string> seen;
        const auto gives_way = [&](const std::string& user) {
            return Planted != mistake::turns_are_ignored &&
                   std::any_of(queue_.begin(), queue_.end(), [&](const request& other) {
                       return ready(other.user, 0) && passed_[other.user].contains(user);
                   });
        };
        return std::find_if(queue_.begin(), queue_.end(), [&](const request& each) {
            return seen.insert(each.user).second && ready(each.user, 0) && !gives_way(each.user);
        });
    }

    void serve() {
        std::size_t slots = limits_.concurrent;
        if (Planted == mistake::grants_are_doubled) ++slots;
        while (active_.size() < slots) {
            const auto found = next();
            if (found == queue_.end()) break;
            const request granted = *found;
            queue_.erase(found);
            passed_.erase(granted.user);
            for (const request& each : queue_)
                if (each.user != granted.user && ready(each.user, 0))
                    passed_[each.user].insert(granted.user);
            go_on(granted.then, begin(granted.user));
        }
        std::erase_if(passed_, [&](const auto& each) {
            return waiting_of(each.first) == 0 || !ready(each.first, 0);
        });
    }

    std::mutex mutex_;
    limits limits_;
    bool closed_ = false;
    std::map<std::uint64_t, std::string> active_;
    std::vector<request> queue_;
    std::map<std::string, std::set<std::string>> passed_;
    std::size_t stale_ = 0;
    std::uint64_t last_ = 0;
    unsigned requests_ = 0;
    unsigned endings_ = 0;
};

}  // namespace history
