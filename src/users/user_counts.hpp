// SPDX-License-Identifier: BSL-1.0
// The counts of all users, over the tables that a growing limit has left behind. Almost always
// there is one table. A raised limit puts a table of at least twice the size in front, so there are
// few. state/engine_core.hpp owns the counts.
#pragma once

#include "users/user_table.hpp"

namespace admit::core {

class user_counts {
public:
    using charge_status = user_table::charge_status;
    using result = user_table::result;

    ~user_counts() { clear(); }

    /// Counts one more of the user. `at_limit`: the user had that many at some instant within the
    /// call, attempts under way and requests that wait included. `no_room`: no lane near the user's
    /// home is free, which takes more than `spare_lanes` threads inside this call. Lock-free; one
    /// compare-and-swap for a user seen lately.
    [[gnu::always_inline]] result charge(user_tag user, std::uint32_t limit,
                                         lane::counted what = lane::counted::conversation,
                                         lane::snapshot* before = nullptr) noexcept {
        user_table* const newest = newest_table();
        const result nearby = newest->charge_near(user, limit, what, before);
        return nearby.what != charge_status::not_here
                   ? nearby
                   : charge_far(newest, user, limit, what, before);
    }

    /// The lane of the user, attempts under way included; counts nothing if the user has no lane.
    lane::snapshot state_of(user_tag user) const noexcept {
        lane::snapshot found;
        for (user_table* t = newest_table(); t != nullptr && found.count() == 0; t = t->older())
            found = t->state_of(user);
        return found;
    }

    /// The number of users with conversations. Sweeps the tables.
    std::size_t users() const noexcept {
        std::size_t users = 0;
        for (user_table* t = newest_table(); t != nullptr; t = t->older()) users += t->users();
        return users;
    }

    /// Makes room for that many users with conversations, and that many with waiters only. Throws
    /// `std::bad_alloc`, and then nothing has changed.
    void prepare(std::size_t users, std::size_t waiting = 0, page_advice advise = nullptr) {
        const std::size_t wanted = std::max(2 * users, users + spare_lanes) + 2 * waiting;
        user_table* newest = newest_table();
        while (newest == nullptr || newest->lanes() < wanted) {
            const std::size_t doubled = newest == nullptr ? 0 : 2 * newest->lanes();
            auto larger = std::make_unique<user_table>(std::max(wanted, doubled), newest, advise);
            // release: edge install -> use; the table before was acquired. acquire on failure: the
            // table of another thread is looked at.
            if (newest_.compare_exchange_strong(newest, larger.get(), memory_order_release,
                                                memory_order_acquire))
                newest = larger.release();
        }
    }

    /// Frees all tables, which no thread may be using.
    void clear() noexcept {
        // acquire: edge install -> use.
        for (user_table* t = newest_.exchange(nullptr, memory_order_acquire); t != nullptr;)
            t = std::unique_ptr<user_table> { t } -> older();
    }

private:
    user_table* newest_table() const noexcept {
        // acquire: edge install -> use.
        return newest_.load(memory_order_acquire);
    }

    result charge_far(user_table* newest, user_tag user, std::uint32_t limit, lane::counted what,
                      lane::snapshot* before) noexcept {
        if (limit == 0) return {charge_status::at_limit};  // a new binding would count 1
        for (;;) {
            const result old = charge_older(newest->older(), user, limit, what, before);
            if (old.what != charge_status::not_here) return old;
            const result now = newest->charge(user, limit, what, before);
            if (now.what != charge_status::closed) return now;
            newest = newest_table();
        }
    }

    /// Asks the oldest table first, so that a user is not bound in a table while a binding in an
    /// older table can still succeed.
    static result charge_older(user_table* table, user_tag user, std::uint32_t limit,
                               lane::counted what, lane::snapshot* before) noexcept {
        if (table == nullptr) return {charge_status::not_here};
        const result older = charge_older(table->older(), user, limit, what, before);
        return older.what != charge_status::not_here
                   ? older
                   : table->charge_last(user, limit, what, before);
    }

    atomic<user_table*> newest_{nullptr};
};

}  // namespace admit::core
