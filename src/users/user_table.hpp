// SPDX-License-Identifier: BSL-1.0
// A fixed hash table of lanes, which count the conversations of users; user_counts.hpp keeps the
// tables. Buckets of one cache line are probed linearly from a user's home. A count of zero is a
// free lane, so there are no tombstones and nothing to collect. docs/design.md#users has the proof.
//
// Uniqueness: at no instant are two lanes bound to one user. Binding takes four steps:
//   1. read the home word, and finish the binding that it names;
//   2. look at all lanes within reach: the user is bound nowhere;
//   3. reserve a free lane and write the tag, which no thread relies on yet;
//   4. replace the home word as read in step 1 by one that names the lane.
// A binding of the same user by another thread also replaces the home word. If it came before step
// 1, it is finished by then, and step 2 finds it (or finds that its lane was since taken away). If
// it came later, step 4 fails and the thread starts again. After step 4 the next thread that reads
// the home word binds the lane, so no thread waits for a suspended binder.
//
// Compare: the headers of DLHT (Katsarakis et al., HPDC 2024) and CLHT (David et al., ASPLOS 2015)
// serialise a bucket by a versioned word; here the word also says how to finish the last insertion,
// which is what lets lanes lie outside their home bucket without chains and their reclamation.
//
// When the limit outgrows the table, a larger one is put in front. Homes of the old table are
// closed one by one when their users are looked for. A user who is counted there stays there until
// the count is zero.
#pragma once

#include <algorithm>
#include <memory>

#include "base/high_product.hpp"
#include "base/large_array.hpp"
#include "users/home_word.hpp"
#include "users/lane.hpp"

namespace admit::core {

/// One cache line on most processors: a home word, and lanes, which may serve users of any home
/// near by.
struct alignas(record_bytes) bucket {
    home_word home;
    lane lanes[lanes_per_bucket];
};
static_assert(sizeof(bucket) == record_bytes);

class user_table {
public:
    enum class charge_status { charged, at_limit, not_here, closed, no_room };

    struct result {
        charge_status what;
        lane* where = nullptr;
    };

    /// Throws `std::bad_alloc`.
    user_table(std::size_t lanes, user_table* older, page_advice advise = nullptr)
        : older_{older},
          count_{(lanes + lanes_per_bucket - 1) / lanes_per_bucket},
          buckets_{count_, advise} {}

    user_table* older() const noexcept { return older_; }
    std::size_t lanes() const noexcept { return count_ * lanes_per_bucket; }

    /// Counts one more of a user who is bound in the home bucket, as nearly all are.
    [[gnu::always_inline]] result charge_near(user_tag user, std::uint32_t limit,
                                              lane::counted what = lane::counted::conversation,
                                              lane::snapshot* before = nullptr) noexcept {
        for (lane& each : buckets_[index_of(user)].lanes) {
            // `charge` looks at the tag again.
            if (each.tag() != user) continue;
            const lane::charged charged = each.charge(user, limit, what, before);
            if (charged != lane::charged::not_here) return {as_status(charged), &each};
        }
        return {charge_status::not_here};
    }

    /// Counts one more of the user; binds the user to a lane if need be. `closed`:
    /// only a newer table may bind the user.
    result charge(user_tag user, std::uint32_t limit,
                  lane::counted what = lane::counted::conversation,
                  lane::snapshot* before = nullptr) noexcept {
        const std::size_t home = index_of(user);
        home_word& word = buckets_[home].home;
        reservation taken;
        for (;;) {
            const home_word::snapshot seen = word.read();
            finish(home, seen);
            const finding found = look(home, seen.reach, user);
            step("users.looked");
            if (found.where != nullptr) {
                const lane::charged charged = found.where->charge(user, limit, what, before);
                if (charged == lane::charged::not_here) continue;
                taken.release();
                return {as_status(charged), found.where};
            }
            if (seen.closed) return taken.release(), result{charge_status::closed};
            if (!taken.held() && !reserve(home, user, what, taken)) return {charge_status::no_room};
            step("users.reserved");
            taken.binding.reach = std::max(found.farthest, taken.binding.distance);
            if (!word.replace(seen, taken.binding)) continue;
            step("users.published");
            finish(home, taken.binding);
            if (before != nullptr) *before = {};
            return {charge_status::charged, taken.where};
        }
    }

    /// Counts one more of the user if the user is counted here, in a table that is no
    /// longer the newest. `not_here`: the user is not bound here, and will not be again.
    result charge_last(user_tag user, std::uint32_t limit,
                       lane::counted what = lane::counted::conversation,
                       lane::snapshot* before = nullptr) noexcept {
        const std::size_t home = index_of(user);
        home_word& word = buckets_[home].home;
        for (;;) {
            home_word::snapshot seen = word.read();
            finish(home, seen);
            if (!seen.closed) {
                home_word::snapshot next = seen;
                next.closed = true;
                word.replace(seen, next);
                step("users.closed");
                continue;
            }
            const finding found = look(home, seen.reach, user);
            if (found.where == nullptr) return {charge_status::not_here};
            if (std::uint64_t generation = 0; found.where->reserve(generation)) {
                found.where->release(generation);  // the user counts nothing here
                continue;
            }
            const lane::charged charged = found.where->charge(user, limit, what, before);
            if (charged != lane::charged::not_here) return {as_status(charged), found.where};
        }
    }

    /// The lane of the user here; counts nothing if the user has no lane in this table.
    lane::snapshot state_of(user_tag user) noexcept {
        const std::size_t home = index_of(user);
        const home_word::snapshot seen = buckets_[home].home.read();
        finish(home, seen);
        const finding found = look(home, seen.reach, user);
        return found.where == nullptr ? lane::snapshot{} : found.where->state_of(user);
    }

    /// The number of users with conversations that are counted here. Sweeps the table.
    std::size_t users() const noexcept {
        std::size_t users = 0;
        for (std::size_t i = 0; i < count_; ++i)
            for (const lane& each : buckets_[i].lanes)
                if (const lane::snapshot seen = each.read(); !seen.reserved() && seen.active() != 0)
                    ++users;
        return users;
    }

private:
    struct reservation {
        lane* where = nullptr;
        home_word::snapshot binding;  // as the home word will name it

        bool held() const noexcept { return where != nullptr; }
        void release() noexcept {
            if (held()) where->release(binding.generation);
        }
    };

    struct finding {
        lane* where = nullptr;  // bound to the user
        unsigned farthest = 0;  // distance of the farthest lane bound to a user of this home
    };

    static charge_status as_status(lane::charged charged) noexcept {
        return charged == lane::charged::yes ? charge_status::charged : charge_status::at_limit;
    }

    /// Spreads the tags evenly over any number of buckets: the high half of a product.
    std::size_t index_of(user_tag user) const noexcept {
        return static_cast<std::size_t>(high_product(user, count_));
    }

    bucket& at(std::size_t home, unsigned distance) noexcept {
        const std::size_t index = home + distance;
        return buckets_[index < count_ ? index : index - count_];
    }

    unsigned max_distance() const noexcept {
        return static_cast<unsigned>(std::min<std::size_t>(count_ - 1, home_word::max_distance));
    }

    /// Completes the binding that a home word names. A generation is bound once.
    void finish(std::size_t home, const home_word::snapshot& seen) noexcept {
        if (seen.generation == 0) return;
        lane& named = at(home, seen.distance).lanes[seen.lane];
        const lane::snapshot now = named.read();
        if (now.reserved() && now.generation() == seen.generation) named.bind(now);
    }

    finding look(std::size_t home, unsigned reach, user_tag user) noexcept {
        finding found;
        for (unsigned distance = 0; distance <= reach; ++distance)
            for (lane& each : at(home, distance).lanes) {
                if (each.read().reserved()) continue;  // bound to no user
                const user_tag tag = each.tag();
                if (tag == user) found.where = &each;
                if (tag != no_user && index_of(tag) == home) found.farthest = distance;
            }
        return found;
    }

    /// Takes the nearest lane that counts nothing. The lane may still carry the tag of a user who
    /// is away. The tag of the new user says which lane of a bucket is tried first, so that two new
    /// users do not always drive out the same third user.
    bool reserve(std::size_t home, user_tag user, lane::counted what, reservation& taken) noexcept {
        for (unsigned distance = 0; distance <= max_distance(); ++distance)
            for (unsigned i = 0; i < lanes_per_bucket; ++i) {
                const auto number = static_cast<unsigned>((user + i) % lanes_per_bucket);
                lane& each = at(home, distance).lanes[number];
                if (!each.reserve(taken.binding.generation, what)) continue;
                taken.where = &each;
                taken.binding.distance = distance;
                taken.binding.lane = number;
                each.set_tag(user);
                return true;
            }
        return false;
    }

    user_table* const older_;
    const std::size_t count_;
    large_array<bucket> buckets_;
};

}  // namespace admit::core
