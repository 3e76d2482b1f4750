// SPDX-License-Identifier: BSL-1.0
// The order in which waiters are served: users in turn, each user's waiters in order of arrival.
// pass.hpp and granting.hpp use it. Sequential code for one thread at a time: it knows no engine,
// no clock and no executor, allocates nothing and throws nothing. (Round robin over flows: Nagle,
// "On packet switches with infinite storage", RFC 970, 1985.)
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set.hpp>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "users/lane.hpp"

namespace admit::core {

namespace intrusive = boost::intrusive;

template <class T, intrusive::list_member_hook<> T::*Hook>
using hooked_list =
    intrusive::list<T, intrusive::member_hook<T, intrusive::list_member_hook<>, Hook>,
                    intrusive::constant_time_size<false>>;

/// A waiter as the queue sees it.
struct queued_waiter {
    intrusive::list_member_hook<> hook;
    bool queued = false;  ///< in its user's queue
};

/// The waiters of one user. The first `ready` of them only lack a slot: the user has been charged
/// for them. The others are blocked by the user's own limit, and hold no other user back.
struct user_queue {
    using waiter_list = hooked_list<queued_waiter, &queued_waiter::hook>;

    intrusive::unordered_set_member_hook<> by_user;
    intrusive::list_member_hook<> turn_hook;     ///< while a waiter is ready; or among the spares
    intrusive::list_member_hook<> blocked_hook;  ///< while a waiter is blocked
    user_tag user = no_user;
    core::lane* lane = nullptr;  ///< where the user is counted, while a waiter is ready or blocked
    std::uint32_t length = 0;
    std::uint32_t ready = 0;  ///< at most `length`, but between `remove` and `remove_ready`
    waiter_list waiters;
};

class fair_queue {
    struct tag_of {
        using type = user_tag;
        const type& operator()(const user_queue& of) const noexcept { return of.user; }
    };
    /// A tag is a keyed hash already.
    struct hash_of {
        std::size_t operator()(user_tag user) const noexcept { return user; }
    };
    using by_user_set = intrusive::unordered_set<
        user_queue,
        intrusive::member_hook<user_queue, intrusive::unordered_set_member_hook<>,
                               &user_queue::by_user>,
        intrusive::key_of_value<tag_of>, intrusive::hash<hash_of>,
        intrusive::constant_time_size<false>, intrusive::power_2_buckets<true>,
        intrusive::cache_begin<true>>;

public:
    /// The queue of a user, or where it would be inserted: true until another queue comes or goes.
    struct place {
        user_queue* queue = nullptr;
        by_user_set::insert_commit_data gap;
    };

    /// Queues are found by buckets: a power of two of them, which the caller keeps.
    using bucket = by_user_set::bucket_type;
    using buckets = by_user_set::bucket_traits;

    /// Replaces the buckets. O(queues).
    void rehash(const buckets& more) noexcept { queues_.rehash(more); }
    std::size_t bucket_count() const noexcept { return queues_.bucket_count(); }

    /// Lends a user queue for good, to serve any user.
    void add_spare(user_queue& spare) noexcept { spare_.push_back(spare); }

    std::size_t waiting() const noexcept { return waiting_; }

    /// O(1) with as many buckets as queues: a cache miss for the bucket and each queue in it.
    place find(user_tag user) noexcept {
        place found;
        const auto [at, absent] = queues_.insert_check(user, found.gap);
        if (!absent) found.queue = &*at;
        return found;
    }

    /// Puts a waiter at the end of its user's queue, at the place that `find` has just found. A
    /// spare queue is there if each waiter lent one.
    user_queue& append(queued_waiter& waiter, user_tag user, const place& found) noexcept {
        ADMIT_ASSERT(!waiter.queued && (found.queue != nullptr || !spare_.empty()));
        user_queue* queue = found.queue;
        if (queue == nullptr) {
            queue = &spare_.front();
            spare_.pop_front();
            queue->user = user;
            queues_.insert_commit(*queue, found.gap);
        }
        queue->waiters.push_back(waiter);
        ++queue->length;
        waiter.queued = true;
        ++waiting_;
        return *queue;
    }

    /// Takes a waiter out of its queue. The caller then restores `ready <= length`, and drops the
    /// queue if it is empty.
    void remove(user_queue& queue, queued_waiter& waiter) noexcept {
        ADMIT_ASSERT(waiter.queued && queue.length > 0 && waiting_ >= queue.length);
        queue.waiters.erase(user_queue::waiter_list::s_iterator_to(waiter));
        --queue.length;
        waiter.queued = false;
        --waiting_;
    }

    void drop_if_empty(user_queue& queue) noexcept {
        ADMIT_ASSERT(queue.ready <= queue.length);
        ADMIT_ASSERT(queue.waiters.empty() == (queue.length == 0));
        if (queue.length > 0) return;
        queues_.erase(queues_.iterator_to(queue));
        spare_.push_back(queue);
    }

    /// One more waiter of the queue is ready. The queue takes turns while it has a ready waiter.
    void add_ready(user_queue& queue) noexcept {
        ADMIT_ASSERT(queue.ready < queue.length);
        if (queue.ready++ == 0) turns_.push_back(queue);
    }
    void remove_ready(user_queue& queue) noexcept {
        ADMIT_ASSERT(queue.ready > 0);
        if (--queue.ready == 0) turns_.erase(turn_list::s_iterator_to(queue));
    }

    /// The first queue in turn, which goes to the end. Null if no waiter is ready.
    user_queue* next() noexcept {
        if (turns_.empty()) return nullptr;
        user_queue& first = turns_.front();
        turns_.splice(turns_.end(), turns_, turns_.begin());
        return &first;
    }
    bool any_ready() const noexcept { return !turns_.empty(); }

    /// Any queue; null if there is no waiter.
    user_queue* any() noexcept {
        ADMIT_ASSERT(queues_.empty() == (waiting_ == 0));
        return queues_.empty() ? nullptr : &*queues_.begin();
    }

private:
    using turn_list = hooked_list<user_queue, &user_queue::turn_hook>;

    bucket first_;  ///< until the first `rehash`
    by_user_set queues_{buckets{&first_, 1}};
    turn_list turns_;
    turn_list spare_;
    std::size_t waiting_ = 0;
};

}  // namespace admit::core
