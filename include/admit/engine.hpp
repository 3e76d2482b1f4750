// SPDX-License-Identifier: BSL-1.0
/// @file
/// The engine: decides for every conversation whether it may start now.
#pragma once

#include <admit/detail/public.hpp>
#include <admit/error.hpp>
#include <admit/stats.hpp>
#include <boost/system/result.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Lock-free admission control for chat bots: the whole library.
namespace admit {

namespace core {
struct engine_core;
}  // namespace core
namespace detail {
struct access;
class engine_ref;
}  // namespace detail

/// Where an engine reads the time of starts and touches. Replace it in tests.
struct time_source {
    /// The present instant: monotonic over all threads, callable from any of them.
    time_point (*now)() noexcept;
    /// How far behind the true time `now` may be, in nanoseconds. It is added to every timeout, so
    /// that nothing expires early.
    duration resolution;
};

/// The system's coarse monotonic clock. Its readings compare with those of
/// `std::chrono::steady_clock`.
///
/// @return The clock, which is 1 to 10 ms behind at most.
/// @par Thread safety
/// Any number of threads at once.
/// @par Progress
/// Wait-free.
/// @par Complexity
/// A reading takes about 3 ns.
ADMIT_PUBLIC time_source coarse_clock() noexcept;

/// How an engine works, beside what it allows: the options of its constructor.
///
/// @par Example
/// @code
/// admit::engine engine{{.max_concurrent = 20}, {.histograms = true}};
/// @endcode
struct engine_options {
    /// Where the engine reads the time. Default: the coarse monotonic clock.
    time_source clock = coarse_clock();
    /// Whether the engine records how long conversations last and requests wait, for
    /// `stats::hold_times`, `stats::wait_times` and `engine::expected_wait`. It costs a reading of
    /// the clock at each end, and 230 KB. Default: false, which costs nothing.
    bool histograms = false;
};

/// No limit on the conversations of a user, as `max_per_user` of the options: 2,000,000 and every
/// larger value mean the same.
inline constexpr std::size_t unlimited = limits::most_concurrent;

/// How to ask for a conversation now: the options of `engine::try_admit`.
///
/// @par Example
/// @code
/// auto permit = engine.try_admit(user, {.max_per_user = pays(user) ? 10UL : 1UL});
/// @endcode
struct admit_options {
    /// The limit on this user's conversations for this request, instead of `limits::max_per_user`:
    /// for roles, paying users, exempt administrators. `limits::max_concurrent` always holds.
    /// Range: any; with 0 the request is always rejected with `errc::user_limit`; `unlimited`
    /// exempts the request. Default: not given, so `limits::max_per_user` holds.
    std::optional<std::size_t> max_per_user{};
};

/// A user id with its hash, made by `engine::key` for a user whose admissions are frequent.
///
/// A key owns its bytes. It may be copied, and may outlive its engine. Every other engine rejects
/// it with `errc::invalid_user_id`, as every engine does with a default-constructed key.
class user_key {
public:
    /// The bytes of the user id. O(1).
    /// @return The bytes; empty when the key was made of no valid user id.
    const std::string& user() const noexcept { return user_; }

private:
    friend class engine;
    friend struct detail::access;
    std::string user_;
    std::uint64_t engine_ = 0;  // 0: of no engine, always rejected
    std::uint64_t tag_ = 0;
};

/// The limits on conversations, in one place for all threads of a process.
///
/// User ids are 1 to 255 bytes of any value. Two ids are the same user when their 64-bit keyed
/// hashes (SipHash-1-3, random key) agree. For n users active at once, two different ids share a
/// count with probability below n^2 / 2^65; that only makes a limit stricter.
///
/// @par Thread safety
/// Every member except the constructor and the destructor may be called by any number of threads at
/// once. `try_admit`, `end`, `set_limits` and `close` are linearizable. `expire` as a whole,
/// `stats` and the listings are not; they say what they promise instead.
/// @par Progress
/// No thread ever waits for another; each operation says what it promises.
class ADMIT_PUBLIC engine {
public:
    /// Makes an engine with room for `limits::max_concurrent` conversations.
    ///
    /// @param limits What the engine allows; each field has its range.
    /// @param options How it works; a `time_source` alone may stand for them.
    /// @throws std::invalid_argument For limits out of range; it names the field, the value and the
    ///   range.
    /// @throws std::bad_alloc Without memory.
    /// @throws std::system_error When the system gives no random key.
    /// @par Complexity
    /// Memory: about 140 bytes for each of `max_concurrent`, and 43 for each of `max_waiting`.
    explicit engine(const admit::limits& limits = {}, const engine_options& options = {});
    /// The same with a clock and otherwise the default options. (A template, so that a list in
    /// braces that fits both constructors makes `engine_options`.)
    ///
    /// @param limits As above.
    /// @param clock Where the engine reads the time.
    template <class = void>
    explicit engine(const admit::limits& limits, time_source clock)
        : engine{limits, engine_options{.clock = clock}} {}

    /// Ends every conversation as `status::drained`.
    ///
    /// Pending operations of this engine complete: a body that runs is cancelled, a drain completes
    /// without an error, and all others complete with `errc::shutting_down`.
    /// @par Lifetimes
    /// Permits may live on.
    /// @par Thread safety
    /// Permits may be used by any thread at the same time. No other call may be in progress or
    /// begin.
    /// @par Progress
    /// Never waits.
    ~engine();

    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    /// Asks for one conversation of `user` to start now.
    ///
    /// A rejection by a limit means that the limit was reached at some instant within the call.
    /// Beside the active conversations these count:
    /// - An attempt counts against its own user while its call lasts.
    /// - A slot that is set aside for a waiter counts as taken.
    /// - A slot on its way out of use while a limit is lowered counts as taken.
    ///
    /// Of more than 1,024 threads in this function at once, a thread may get `global_limit` with
    /// room left. A failed attempt leaves nothing behind.
    ///
    /// @param user The user id: 1 to 255 bytes of any value.
    /// @return A permit, or the reason why there is none (`errc`).
    /// @par Errors
    /// `errc::shutting_down`, `errc::global_limit`, `errc::invalid_user_id`, `errc::user_limit`;
    /// when several hold, the one that stands first here.
    /// @par Thread safety
    /// Any number of threads at once. Linearizable.
    /// @par Progress
    /// Lock-free. It throws nothing, and allocates nothing unless it serves a waiter, by a post to
    /// the waiter's executor.
    /// @par Complexity
    /// O(1): two atomic read-modify-writes for a user seen before, four for a new one. Rejected by
    /// `user_limit`: no read-modify-write. Rejected when full: one load of a cache line that all
    /// threads read. Finding room in a nearly full engine visits at most one line for every 256
    /// slots. An attempt that meets a lowering of a limit helps: O(slots to be taken out of use).
    [[nodiscard]] boost::system::result<permit> try_admit(std::string_view user) noexcept;

    /// The same without hashing the id again: for a user whose admissions are frequent.
    ///
    /// @param user The key of the user, made by this engine.
    /// @return A permit, or the reason why there is none (`errc`); `errc::invalid_user_id` for a
    ///   key of another engine.
    /// @par Errors
    /// As `try_admit(std::string_view)`.
    /// @par Thread safety
    /// As `try_admit(std::string_view)`.
    /// @par Progress
    /// As `try_admit(std::string_view)`.
    /// @par Complexity
    /// As `try_admit(std::string_view)`.
    [[nodiscard]] boost::system::result<permit> try_admit(const user_key& user) noexcept;

    /// The same with a limit of its own on the user, in place of `limits::max_per_user`.
    ///
    /// The conversation counts for the user like any other. A request that waits with a limit of
    /// its own may be passed by this one if the limit of this one is higher.
    ///
    /// @param user The user id: 1 to 255 bytes of any value.
    /// @param options The limit on the user.
    /// @return As `try_admit(std::string_view)`.
    /// @par Errors
    /// As `try_admit(std::string_view)`.
    /// @par Thread safety
    /// As `try_admit(std::string_view)`.
    /// @par Progress
    /// As `try_admit(std::string_view)`.
    /// @par Complexity
    /// As `try_admit(std::string_view)`.
    [[nodiscard]] boost::system::result<permit> try_admit(std::string_view user,
                                                          admit_options options) noexcept;

    /// The same without hashing the id again.
    ///
    /// @param user The key of the user, made by this engine.
    /// @param options The limit on the user.
    /// @return As `try_admit(const user_key&)`.
    /// @par Errors
    /// As `try_admit(std::string_view)`.
    /// @par Thread safety
    /// As `try_admit(std::string_view)`.
    /// @par Progress
    /// As `try_admit(std::string_view)`.
    /// @par Complexity
    /// As `try_admit(std::string_view)`.
    [[nodiscard]] boost::system::result<permit> try_admit(const user_key& user,
                                                          admit_options options) noexcept;

    /// Hashes a user id once for many admissions.
    ///
    /// @param user The user id: 1 to 255 bytes of any value.
    /// @return The key. That of an invalid id (empty, or longer than 255 bytes) is rejected by
    ///   `try_admit` with `errc::invalid_user_id`.
    /// @throws std::bad_alloc Without memory for the bytes.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Wait-free except for the allocator.
    /// @par Complexity
    /// O(bytes of the id).
    user_key key(std::string_view user) const;

    /// Records activity of a conversation now, as `permit::touch`, by its id.
    ///
    /// @param id The conversation's id.
    /// @return As `permit::touch`. False also: no such conversation, because it ended or is another
    ///   engine's.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// As `permit::touch`.
    /// @par Complexity
    /// As `permit::touch`.
    bool touch(const conversation_id& id) noexcept;

    /// Ends a conversation, as `permit::end`, by its id.
    ///
    /// @param id The conversation's id.
    /// @param how What the conversation ends as. A value that is no `status` counts as
    ///   `status::error`.
    /// @return True: this call ended it. False: no such conversation, because it ended or is
    ///   another engine's.
    /// @par Thread safety
    /// Any number of threads at once. Linearizable.
    /// @par Progress
    /// As `permit::end`.
    /// @par Complexity
    /// As `permit::end`.
    bool end(const conversation_id& id, status how = status::completed) noexcept;

    /// Ends all conversations of one user that were active before the call, each as by its id.
    ///
    /// It is not atomic: a conversation that begins meanwhile may be ended or not. Requests of the
    /// user that wait go on waiting. The endings may admit them, and a request that is admitted so
    /// is not ended, unless the user has more than 64 conversations.
    ///
    /// @tparam User A type that converts to `std::string_view`, or `user_key`.
    /// @param user The user id, or the key of the user, made by this engine.
    /// @param how What the conversations end as. A value that is no `status` counts as
    ///   `status::error`.
    /// @return How many conversations this call ended; 0 for an invalid id and for a key of another
    ///   engine.
    /// @par Thread safety
    /// Any number of threads at once. The call as a whole is not linearizable.
    /// @par Progress
    /// As `permit::end`.
    /// @par Complexity
    /// O(max_concurrent).
    template <class User>
    requires std::convertible_to<const User&, std::string_view> ||
        std::convertible_to<const User&, const user_key&>
            std::size_t end(const User& user, status how = status::completed)
    noexcept { return end_all(user, how); }

    /// Ends what has been idle for `limits::idle_timeout` or active for `limits::max_duration` at
    /// `now`. Call it from a loop; `async_expire` is such a loop.
    ///
    /// Nothing ends early. A conversation ends late by at most one tick of the coarse clock, beside
    /// the time until this is called. What is due is ended exactly once, also when several threads
    /// call this.
    ///
    /// @param now The present instant, usually `std::chrono::steady_clock::now()`.
    /// @return How many conversations it ended, or told to end.
    /// @par Thread safety
    /// Any number of threads at once. The pass as a whole is not linearizable.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(max_concurrent / 256) when nothing can be due; at worst O(max_concurrent).
    expired expire(time_point now) noexcept;

    /// Replaces the limits.
    ///
    /// No call that begins after this returned exceeds them. Where a limit is lowered below what is
    /// active, no conversation is ended, and none is admitted until enough have ended. New timeouts
    /// apply to active conversations at the next `expire`.
    ///
    /// The two limits on conversations change at one instant. Of calls that overlap, the two limits
    /// of the last call remain; each other value is that of one of the calls.
    ///
    /// @param limits What the engine allows from now on; each field has its range.
    /// @throws std::invalid_argument For limits out of range; it names the field, the value and the
    ///   range. Nothing has changed then.
    /// @throws std::bad_alloc Without memory. Nothing has changed then.
    /// @par Thread safety
    /// Any number of threads at once. Linearizable.
    /// @par Progress
    /// Lock-free except for the allocator. It never blocks an admission.
    void set_limits(const admit::limits& limits);

    /// The limits in force.
    ///
    /// @return The limits. Beside a concurrent `set_limits` the two limits on conversations belong
    ///   together, but counts and times may be of different calls.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(1).
    admit::limits limits() const noexcept;

    /// Conversations active now.
    ///
    /// @return The count, exact at rest; beside concurrent calls as `admit::stats` says.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Wait-free; throws nothing.
    /// @par Complexity
    /// O(max_concurrent / 32), one load each.
    std::size_t active_count() const noexcept;

    /// Conversations of one user active now, and attempts of that user under way.
    ///
    /// @param user The user id.
    /// @return The count; 0 for an invalid id.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(1).
    std::size_t active_count(std::string_view user) const noexcept;

    /// The worst case of how long until `user` could be admitted, to be told to a rejected user:
    /// conversations usually end before they time out, see `expected_wait`. Requests that wait are
    /// ignored: `waiters` tells how many come before.
    ///
    /// @param user The user id.
    /// @return 0 if there is room now. Otherwise the time until the first timeout among the
    ///   conversations in the way: the user's own when its limit is reached, otherwise all. Where a
    ///   limit was lowered below what is active, the time until so many of them have timed out that
    ///   there is room. `never` if too few of them have a timeout, if a limit that keeps the user
    ///   out is 0, if the engine is closed, or if the id is invalid.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(max_concurrent); after a limit was lowered below what is active up to 64 times as much.
    duration retry_after(std::string_view user) const noexcept;

    /// An estimate of how long a request of `user` that began now would wait, if conversations last
    /// as long as they did of late.
    ///
    /// While n conversations are active, one ends each n-th part of their mean length. The estimate
    /// is the time for as many endings as make room: of the user's own conversations when its limit
    /// is reached, and of all when the engine is full. Requests of the user that wait count, and
    /// those of others that only lack a slot, as if all of them came first. Priorities do not
    /// count.
    ///
    /// @param user The user id.
    /// @param options A limit of its own that the request brings along, as for `try_admit`.
    /// @return 0 if there is room now. Nothing without `engine_options::histograms`, before the
    ///   first conversation has ended, if a limit that keeps the user out is 0, if the engine is
    ///   closed, or if the id is invalid.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(max_concurrent).
    std::optional<duration> expected_wait(std::string_view user,
                                          admit_options options = {}) const noexcept;

    /// Totals since the engine was made, and what is active now.
    ///
    /// @return The figures, exact at rest; beside concurrent calls as `admit::stats` says.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(max_concurrent).
    admit::stats stats() const noexcept;

    /// Lists the active conversations of all users.
    ///
    /// @return The list, in no particular order. Each entry is true of one instant within the call,
    ///   but the entries need not be of the same instant. Conversations that began or ended
    ///   meanwhile may be listed or not.
    /// @throws std::bad_alloc Without memory for the list.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free except for the allocator.
    /// @par Complexity
    /// O(max_concurrent).
    std::vector<conversation> conversations() const;

    /// Lists the active conversations of one user.
    ///
    /// @param user The user id.
    /// @return As `conversations()`, of that user alone; empty for an invalid id.
    /// @throws std::bad_alloc Without memory for the list.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free except for the allocator.
    /// @par Complexity
    /// O(max_concurrent).
    std::vector<conversation> conversations(std::string_view user) const;

    /// Lists the requests of all users that wait for room.
    ///
    /// `waiter::ahead` is an estimate, made from this list alone, of how many admissions come
    /// before a request if every user's turn comes. It counts all of a higher priority. Within a
    /// priority the k-th request of each user belongs to round k: it counts those of earlier
    /// rounds, and in its own round those of users who have waited longer. A request that its own
    /// user's limit keeps out counts like any other. Requests that come later, time out, or are
    /// cancelled change the figure.
    ///
    /// @return The list, the smallest `waiter::ahead` first. Each entry is true of one instant
    ///   within the call, but the entries need not be of the same instant. Requests that began or
    ///   ceased to wait meanwhile may be listed or not.
    /// @throws std::bad_alloc Without memory for the list.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// Lock-free except for the allocator. It delays no other call.
    /// @par Complexity
    /// O(w + n log n) for n requests that wait, and w that ever waited at one time.
    std::vector<waiter> waiters() const;

    /// Lists the requests of one user that wait for room.
    ///
    /// @param user The user id.
    /// @return As `waiters()`, of that user alone; `waiter::ahead` counts the requests of all
    /// users.
    ///   Empty for an invalid id.
    /// @throws std::bad_alloc Without memory for the list.
    /// @par Thread safety
    /// Any number of threads at once.
    /// @par Progress
    /// As `waiters()`.
    /// @par Complexity
    /// As `waiters()`.
    std::vector<waiter> waiters(std::string_view user) const;

    /// From now on every admission is rejected with `errc::shutting_down`, and the admissions that
    /// wait complete with it. What is active goes on; `async_drain` waits for its end.
    ///
    /// @par Thread safety
    /// Any number of threads at once. Linearizable.
    /// @par Progress
    /// Lock-free; throws nothing.
    /// @par Complexity
    /// O(1), and O(1) expected for each waiter, by a post to the waiter's executor.
    void close() noexcept;

private:
    friend class detail::engine_ref;
    friend struct detail::access;

    std::size_t end_all(std::string_view user, status how) noexcept;
    std::size_t end_all(const user_key& user, status how) noexcept;

    core::engine_core* core_;  // type-stable: kept for the next engine, never unmapped
};

}  // namespace admit
