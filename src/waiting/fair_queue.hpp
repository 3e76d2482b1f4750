// Who is next: users in turn, each user's own waiters in the order of their coming. Plain
// sequential code for one thread at a time; it knows no engine, no clock and no executor, allocates
// nothing and throws nothing. (Round robin over flows: Nagle, "On packet switches with infinite
// storage", RFC 970, 1985.)
//
// Of a user's line the first `ready` waiters only lack a slot: the user's room is set aside for
// them. Lines with somebody ready take turns; the others hold up nobody.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set.hpp>
#include <cstddef>
#include <cstdint>

#include "users/lane.hpp"

namespace admit::core {

namespace intrusive = boost::intrusive;

struct user_queue;

/// One who waits. Brings along the place for a line, in case it is the first of its user.
struct queued_waiter {
    intrusive::list_member_hook<> hook;
    bool queued = false;  ///< in its user's line
};

/// The waiters of one user.
struct user_queue {
    using waiter_list = intrusive::list<
        queued_waiter,
        intrusive::member_hook<queued_waiter, intrusive::list_member_hook<>, &queued_waiter::hook>,
        intrusive::constant_time_size<false>>;
    intrusive::unordered_set_member_hook<> by_user;
    intrusive::list_member_hook<> turn_hook;  ///< while somebody is ready; or in the list of spares
    intrusive::list_member_hook<>
        blocked_hook;  ///< while somebody is not, for the user's own limit
    user_tag user = no_user;
    core::lane* lane = nullptr;  ///< where the user is counted, while `ready` or blocked
    std::uint32_t length = 0;
    std::uint32_t ready = 0;  ///< of those who stand in it, the first ones
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
    /// The line of a user, or where it would be: true until another line comes or goes.
    struct place {
        user_queue* queue = nullptr;
        by_user_set::insert_commit_data gap;
    };

    /// Lines are found by these; a power of two of them, which stay as long as the turns do.
    using bucket = by_user_set::bucket_type;
    using buckets = by_user_set::bucket_traits;

    /// Finds lines by others from now on. O(lines).
    void rehash(const buckets& more) noexcept { queues_.rehash(more); }
    std::size_t bucket_count() const noexcept { return queues_.bucket_count(); }

    /// Gives the place of a line away for good, to serve any user.
    void add_spare(user_queue& spare) noexcept { spare_.push_back(spare); }

    std::size_t waiting() const noexcept { return waiting_; }

    /// O(1) with as many buckets as lines; a miss for the bucket, and one for each line in it.
    place find(user_tag user) noexcept {
        place found;
        const auto [at, absent] = queues_.insert_check(user, found.gap);
        if (!absent) found.queue = &*at;
        return found;
    }

    /// Puts a waiter at the end of the user's line, for which `find` has just found the place. A
    /// spare line is there if each waiter brought one.
    user_queue& append(queued_waiter& newcomer, user_tag user, const place& found) noexcept {
        user_queue* queue = found.queue;
        if (queue == nullptr) {
            queue = &spare_.front();
            spare_.pop_front();
            queue->user = user;
            queues_.insert_commit(*queue, found.gap);
        }
        queue->waiters.push_back(newcomer);
        ++queue->length;
        newcomer.queued = true;
        ++waiting_;
        return *queue;
    }

    /// Takes a waiter out of its line. The caller sees to it that not more are ready than stand in
    /// the line, and then drops a line in which nobody stands.
    void remove(user_queue& queue, queued_waiter& waiter) noexcept {
        queue.waiters.erase(user_queue::waiter_list::s_iterator_to(waiter));
        --queue.length;
        waiter.queued = false;
        --waiting_;
    }

    void drop_if_empty(user_queue& queue) noexcept {
        if (queue.length > 0) return;
        queues_.erase(queues_.iterator_to(queue));
        spare_.push_back(queue);
    }

    /// One more of the line is ready: it takes part in the turns.
    void add_ready(user_queue& queue) noexcept {
        if (queue.ready++ == 0) turns_.push_back(queue);
    }
    void remove_ready(user_queue& queue) noexcept {
        if (--queue.ready == 0) turns_.erase(turn_list::s_iterator_to(queue));
    }

    /// The line whose turn it is; none if nobody is ready. It goes to the end of the turns.
    user_queue* next() noexcept {
        if (turns_.empty()) return nullptr;
        user_queue& first = turns_.front();
        turns_.splice(turns_.end(), turns_, turns_.begin());
        return &first;
    }
    bool any_ready() const noexcept { return !turns_.empty(); }

    /// Any line; none if nobody waits.
    user_queue* any() noexcept { return queues_.empty() ? nullptr : &*queues_.begin(); }

private:
    using turn_list = intrusive::list<
        user_queue,
        intrusive::member_hook<user_queue, intrusive::list_member_hook<>, &user_queue::turn_hook>>;

    bucket first_;  ///< until there are more
    by_user_set queues_{buckets{&first_, 1}};
    turn_list turns_;
    turn_list spare_;
    std::size_t waiting_ = 0;
};

}  // namespace admit::core
