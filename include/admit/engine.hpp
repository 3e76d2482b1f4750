// The engine: decides for every conversation whether it may start now.
#pragma once

#include <admit/error.hpp>
#include <admit/limits.hpp>
#include <admit/permit.hpp>
#include <admit/stats.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
    /// How far behind the true time `now` may be; added to every timeout, so that nothing expires
    /// early.
    duration resolution;
};

/// The system's coarse monotonic clock: about 3 ns a reading, 1 to 10 ms behind at most. Its
/// readings compare with those of `std::chrono::steady_clock`.
time_source coarse_clock() noexcept;

/// A user id with its hash, made by `engine::key` for a user who is asked about often. Owns its
/// bytes; may be copied, and outlive the engine. Every other engine refuses it.
class user_key {
public:
    /// The bytes of the user id.
    const std::string& user() const noexcept { return user_; }

private:
    friend class engine;
    friend struct detail::access;
    std::string user_;
    std::uint64_t engine_ = 0;  // 0: of no engine, always refused
    std::uint64_t tag_ = 0;
};

/// The limits on conversations, in one place for all threads of a process.
///
/// Thread safety: every member but the constructor and the destructor may be called by any number
/// of threads at once. Progress: no thread ever waits for another; see each operation. `try_admit`,
/// `end`, `set_limits` and `close` are linearizable; `expire` as a whole, `stats` and the listings
/// are not, and say what they promise instead.
///
/// User ids are 1 to 255 bytes of any value. Two ids are the same user when their 64-bit keyed
/// hashes (SipHash-1-3, random key) agree: for n users active at once two different ones share a
/// count with probability below n^2 / 2^65, which only makes a limit stricter.
class engine {
public:
    /// Makes an engine with room for `max_concurrent` conversations: about 140 bytes for each, and
    /// 43 for each of `max_waiting`. Throws `std::invalid_argument` for limits out of range,
    /// `std::bad_alloc`, and `std::system_error` when the system gives no random key.
    explicit engine(const admit::limits& limits = {}, time_source clock = coarse_clock());

    /// Ends every conversation as `drained`. Permits may live on, used by any thread at the same
    /// time; no other call may be in progress or begin. Never waits.
    ~engine();

    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    /// Asks for one conversation of `user` to start now: a permit, or the reason why not (`errc`).
    ///
    /// A rejection by a limit means that the limit was reached at some instant within the call; an
    /// attempt counts against its own user while its call lasts; a slot that is set aside for a
    /// waiter counts as taken, and so does one on its way out of use while a limit is lowered; of
    /// more than 1,024 threads in this at once, one may be told `global_limit` with room left. A
    /// failed attempt leaves nothing behind.
    /// Errors: `shutting_down`, `global_limit`, `invalid_user_id`, `user_limit`.
    /// Progress: lock-free; throws nothing, and allocates nothing unless it serves a waiter, by a
    /// post to its executor.
    /// Cost: O(1), two atomic read-modify-writes for a user seen before (four for a new one);
    /// rejected by `user_limit`: none; rejected when full: one load of a line that all read.
    /// Finding room in a nearly full engine visits at most one line for every 256 slots; an attempt
    /// that meets a lowering under way helps, O(slots to be taken out of use).
    [[nodiscard]] boost::system::result<permit> try_admit(std::string_view user) noexcept;

    /// The same without hashing the id again.
    [[nodiscard]] boost::system::result<permit> try_admit(const user_key& user) noexcept;

    /// Hashes a user id once for many admissions. The key of an id that is no user id (empty, or
    /// longer than 255 bytes) is refused by `try_admit` with `invalid_user_id`.
    /// Throws `std::bad_alloc`. Wait-free but for the allocator.
    user_key key(std::string_view user) const;

    /// `permit::touch` by id. False: no such conversation (ended, or another engine's).
    bool touch(const conversation_id& id) noexcept;

    /// `permit::end` by id. False: no such conversation (ended, or another engine's).
    bool end(const conversation_id& id, status how = status::completed) noexcept;

    /// Ends what has been idle for `idle_timeout` or active for `max_duration` at `now`. Nothing
    /// ends early; late by at most one tick of the coarse clock, beside the time until this is
    /// called. What is due is ended exactly once, also when several threads call this.
    /// Lock-free, throws nothing. O(max_concurrent / 256) when nothing can be due, at worst
    /// O(max_concurrent).
    expired expire(time_point now) noexcept;

    /// Replaces the limits. No call begun after this returned exceeds them. Lowered below what is
    /// active, nobody is thrown out and nobody admitted until enough have ended; new timeouts apply
    /// to active conversations at the next `expire`. The two limits on conversations change at one
    /// instant; of calls that overlap, those of the last remain, and each other value of one of
    /// them. Throws `std::invalid_argument` for limits out of range and `std::bad_alloc`; then
    /// nothing has changed. Lock-free but for the allocator; never blocks an admission.
    void set_limits(const admit::limits& limits);

    /// The limits in force. Beside a concurrent `set_limits` the two counts belong together, but
    /// counts and times may be of different calls. Lock-free, O(1).
    admit::limits limits() const noexcept;

    /// Conversations active now. Exact at rest; in motion as `stats` says. Wait-free,
    /// O(max_concurrent / 32), one load each.
    std::size_t active_count() const noexcept;

    /// Conversations of one user active now, and attempts of that user under way. 0 for an invalid
    /// id. Lock-free, O(1).
    std::size_t active_count(std::string_view user) const noexcept;

    /// An estimate of how long until `user` could be admitted: 0 if there is room now; otherwise
    /// until the first timeout among the conversations in the way (the user's own when its limit
    /// is reached, otherwise all); `never` if none of them has one, or the engine is closed, or
    /// the id is invalid. They may of course end sooner. Lock-free, O(max_concurrent).
    duration retry_after(std::string_view user) const noexcept;

    /// Totals. Lock-free, O(max_concurrent).
    admit::stats stats() const noexcept;

    /// Lists the active conversations, of all users or of one. Each line is true of one instant
    /// within the call, but the lines need not be of the same instant; conversations that began or
    /// ended meanwhile may be listed or not. Throws `std::bad_alloc`. Lock-free but for the
    /// allocator, O(max_concurrent).
    std::vector<conversation> conversations() const;
    std::vector<conversation> conversations(std::string_view user) const;

    /// From now on every admission is refused with `shutting_down`, and those who wait are told so.
    /// What is active goes on. Lock-free, O(1), and O(1) expected for each waiter, by a
    /// post to its executor.
    void close() noexcept;

private:
    friend class detail::engine_ref;

    core::engine_core* core_;  // type-stable: kept for the next engine, never unmapped
};

}  // namespace admit
