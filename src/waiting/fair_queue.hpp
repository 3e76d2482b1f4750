// SPDX-License-Identifier: BSL-1.0
// The order in which waiters are served: users in turn, each user's waiters by priority and then in
// order of arrival. granting.hpp uses it. Sequential code for one thread at a time: it knows no
// engine, no clock and no executor, allocates nothing and throws nothing. (Round robin over flows:
// Nagle, "On packet switches with infinite storage", RFC 970, 1985.)
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/unordered_set.hpp>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "users/lane.hpp"

namespace admit::core {

namespace intrusive = boost::intrusive;

/// How urgent a waiter is: 0 to 3, higher first.
inline constexpr unsigned priorities = 4;

/// A waiter as the queue sees it.
struct queued_waiter {
    intrusive::list_member_hook<> hook;
    std::uint32_t own_limit = lane::no_limit;  ///< on the user's conversations; unused if `shared`
    bool shared = true;                        ///< the limit of all users applies
    std::uint8_t priority = 0;
    bool queued = false;  ///< in its user's queue
    bool ready = false;   ///< it only lacks a slot

    std::uint32_t limit(std::uint32_t of_all_users) const noexcept {
        return shared ? of_all_users : own_limit;
    }
};

using waiter_list = intrusive::list<
    queued_waiter,
    intrusive::member_hook<queued_waiter, intrusive::list_member_hook<>, &queued_waiter::hook>,
    intrusive::constant_time_size<false>>;

/// The waiters of one user. The first of them are ready: they only lack a slot. The others are
/// blocked by the user's limit, and hold no other user back.
struct user_queue {
    intrusive::unordered_set_member_hook<> by_user;
    intrusive::set_member_hook<intrusive::optimize_size<true>> turn_hook;  ///< while one is ready
    user_queue* next_spare = nullptr;
    user_tag user = no_user;
    core::lane* lane = nullptr;  ///< where the user is counted
    std::uint64_t turn = 0;      ///< since then the queue waits for its turn
    std::uint32_t ready = 0;
    std::uint8_t turn_class = 0;             ///< the priority of the first waiter at that time
    queued_waiter* first_blocked = nullptr;  ///< null if all are ready
    waiter_list waiters;

    queued_waiter& first() noexcept { return waiters.front(); }
};

class fair_queue {
    struct tag_of {
        using type = user_tag;
        const type& operator()(const user_queue& of) const noexcept { return of.user; }
    };
    /// A tag is a keyed hash already.
    struct hash_of {
        std::size_t operator()(user_tag user) const noexcept {
            return static_cast<std::size_t>(user);
        }
    };
    using by_user_set = intrusive::unordered_set<
        user_queue,
        intrusive::member_hook<user_queue, intrusive::unordered_set_member_hook<>,
                               &user_queue::by_user>,
        intrusive::key_of_value<tag_of>, intrusive::hash<hash_of>,
        intrusive::constant_time_size<false>, intrusive::power_2_buckets<true>,
        intrusive::cache_begin<true>>;

    struct turn_of {
        using type = std::uint64_t;
        const type& operator()(const user_queue& of) const noexcept { return of.turn; }
    };
    using turn_set =
        intrusive::set<user_queue,
                       intrusive::member_hook<
                           user_queue, intrusive::set_member_hook<intrusive::optimize_size<true>>,
                           &user_queue::turn_hook>,
                       intrusive::key_of_value<turn_of>, intrusive::constant_time_size<false>>;

public:
    /// Queues are found by buckets: a power of two of them, which the caller keeps.
    using bucket = by_user_set::bucket_type;
    using buckets = by_user_set::bucket_traits;

    /// Replaces the buckets. O(queues).
    void rehash(const buckets& more) noexcept { queues_.rehash(more); }
    std::size_t bucket_count() const noexcept { return queues_.bucket_count(); }

    /// Lends a user queue for good, to serve any user.
    void add_spare(user_queue& spare) noexcept {
        spare.next_spare = spare_;
        spare_ = &spare;
    }

    /// The queue of a user; null if no waiter of the user is queued. O(1) with as many buckets as
    /// queues: a cache miss for the bucket and each queue in it.
    user_queue* find(user_tag user) noexcept {
        const auto at = queues_.find(user);
        return at == queues_.end() ? nullptr : &*at;
    }

    /// Puts a waiter into the queue of its user. A spare queue is there if each waiter lent one.
    /// O(1), but O(the user's waiters of lower priority).
    user_queue& append(queued_waiter& waiter, user_tag user, lane& counted) noexcept {
        ADMIT_ASSERT(!waiter.queued && !waiter.ready);
        user_queue* queue = find(user);
        if (queue == nullptr) {
            ADMIT_ASSERT(spare_ != nullptr && spare_->ready == 0);
            queue = spare_;
            spare_ = queue->next_spare;
            queue->user = user;
            queues_.insert(*queue);
        }
        queue->lane = &counted;
        auto place = queue->waiters.end();
        while (place != queue->waiters.begin() && std::prev(place)->priority < waiter.priority)
            --place;
        queued_waiter* const next = place == queue->waiters.end() ? nullptr : &*place;
        queue->waiters.insert(place, waiter);
        waiter.queued = true;
        if (next != nullptr && next->ready) block_from(*queue, *next);  // judged again
        if (next == queue->first_blocked) queue->first_blocked = &waiter;
        return *queue;
    }

    /// Takes a waiter out of its user's queue. The caller then calls `refresh`.
    void remove(user_queue& queue, queued_waiter& waiter) noexcept {
        ADMIT_ASSERT(waiter.queued);
        const auto at = queue.waiters.iterator_to(waiter);
        if (queue.first_blocked == &waiter) queue.first_blocked = next_of(queue, waiter);
        queue.waiters.erase(at);
        if (waiter.ready) --queue.ready, --ready_;
        waiter.queued = waiter.ready = false;
    }

    /// This waiter and those behind it are not ready any more. The caller then calls `refresh`.
    void block_from(user_queue& queue, queued_waiter& first) noexcept {
        queue.first_blocked = &first;
        for (auto at = queue.waiters.iterator_to(first); at != queue.waiters.end() && at->ready;
             ++at) {
            at->ready = false;
            --queue.ready, --ready_;
        }
    }

    /// Makes as many waiters ready as the user has room for, beside `active` conversations; the
    /// queue takes turns while it has a ready waiter. An empty queue becomes a spare.
    void refresh(user_queue& queue, std::uint32_t active, std::uint32_t limit) noexcept {
        for (queued_waiter* next = queue.first_blocked;
             next != nullptr && active + queue.ready < next->limit(limit);
             next = queue.first_blocked) {
            next->ready = true;
            ++queue.ready, ++ready_;
            queue.first_blocked = next_of(queue, *next);
        }
        const bool in_turn = queue.turn_hook.is_linked();
        if (in_turn && (queue.ready == 0 || queue.turn_class != queue.first().priority))
            turns_of(queue).erase(turn_set::s_iterator_to(queue));
        if (queue.ready > 0 && !queue.turn_hook.is_linked()) {
            if (!in_turn) queue.turn = ++turn_;
            queue.turn_class = queue.first().priority;
            turns_of(queue).insert(turns_of(queue).end(), queue);
        }
        if (!queue.waiters.empty()) return;
        ADMIT_ASSERT(queue.ready == 0 && queue.first_blocked == nullptr);
        queues_.erase(queues_.iterator_to(queue));
        add_spare(queue);
    }

    /// How many waiters are ready, of all users.
    std::uint32_t ready() const noexcept { return ready_; }

    /// The next queue in turn; null if no waiter is ready.
    user_queue* next() noexcept {
        for (auto turns = turns_.rbegin(); turns != turns_.rend(); ++turns)
            if (!turns->empty()) return &*turns->begin();
        return nullptr;
    }

    /// The queue has had its turn.
    void pass_turn(user_queue& queue) noexcept {
        if (!queue.turn_hook.is_linked()) return;
        turns_of(queue).erase(turn_set::s_iterator_to(queue));
        queue.turn = ++turn_;
        turns_of(queue).push_back(queue);
    }

    /// Any queue; null if there is no waiter.
    user_queue* any() noexcept { return queues_.empty() ? nullptr : &*queues_.begin(); }

    /// Visits each queue; the visit may drop it.
    template <class Visit>
    void for_each(Visit visit) {
        for (auto at = queues_.begin(); at != queues_.end();) visit(*at++);
    }

private:
    turn_set& turns_of(const user_queue& queue) noexcept { return turns_[queue.turn_class]; }

    static queued_waiter* next_of(user_queue& queue, queued_waiter& waiter) noexcept {
        const auto next = std::next(queue.waiters.iterator_to(waiter));
        return next == queue.waiters.end() ? nullptr : &*next;
    }

    bucket first_;  ///< until the first `rehash`
    by_user_set queues_{buckets{&first_, 1}};
    std::array<turn_set, priorities> turns_;
    user_queue* spare_ = nullptr;
    std::uint64_t turn_ = 0;
    std::uint32_t ready_ = 0;
};

}  // namespace admit::core
