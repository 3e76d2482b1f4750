// SPDX-License-Identifier: BSL-1.0
/// @file
/// The engine for C (C11), and for languages that call C.
///
/// @par Threads
/// Every function may be called by any number of threads at once, except `admit_engine_free`. The
/// library starts no thread, and no function waits for another thread. No exception leaves it.
/// After a fork the child uses only engines that it makes.
/// @par Callbacks
/// A callback runs inside a call of this library: any function that takes an engine, a permit, a
/// handle or a supervision that is not const may call callbacks of any request of that engine. So
/// the caller holds no lock that a callback takes, and a callback does not block, nor leave by
/// `longjmp` or an exception. It may call every function but `admit_engine_free`. Usually it puts
/// its data on the queue of an event loop, and wakes the loop.
///
/// Callbacks of waits do not nest: those that a call inside such a callback brings about come
/// later, when the outermost one has returned, in the same thread.
/// @par Pointers
/// They are not null, except where a function says what null means. Results are written also when a
/// call fails: as null, or as a permit or a handle of nothing.
/// @par User ids
/// 1 to 255 bytes of any value, with their number; they need not end in 0.
/// @par Times
/// Nanoseconds of the system's monotonic clock, as `admit_now` reads it.
/// @par Structs that may grow
/// Those with a `size` get new members at their end in later versions. `size` is the size that the
/// caller was compiled with; the initialisers below set it. Members that the caller does not know
/// have their defaults, and are not written. A `size` that no version had is refused, and so is a
/// value other than 0 that this version does not know. Visited structs may grow as well.
/// @par Errors
/// Functions that can fail return an `admit_result`; where the result is `ADMIT_INVALID_ARGUMENT`,
/// the text in `admit_error` names the value and what is allowed, and nothing has changed.
#ifndef ADMIT_ADMIT_H
#define ADMIT_ADMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// @cond
#if defined(__GNUC__) && !defined(_WIN32)
#define ADMIT_API __attribute__((visibility("default")))
#else
#define ADMIT_API
#endif

#ifdef __cplusplus
#define ADMIT_NOEXCEPT noexcept
extern "C" {
#else
#define ADMIT_NOEXCEPT
#endif
/// @endcond

/// The limits on conversations, in one place for all threads of a process.
typedef struct admit_engine admit_engine;

/// A user id with its hash, for a user whose admissions are frequent.
typedef struct admit_key admit_key;

/// A conversation that is told to end before it loses its slot.
typedef struct admit_supervision admit_supervision;

/// What came of a call. Those from 1 to 7 are reasons of a rejection, the strongest first.
typedef int32_t admit_result;
enum {
    ADMIT_OK = 0,                  ///< admitted, or done
    ADMIT_SHUTTING_DOWN = 1,       ///< the engine was closed: it admits nothing more
    ADMIT_GLOBAL_LIMIT = 2,        ///< `max_concurrent` conversations are active
    ADMIT_INVALID_USER_ID = 3,     ///< not 1 to 255 bytes, or the key of another engine
    ADMIT_USER_LIMIT = 4,          ///< the user has as many conversations as it may
    ADMIT_QUEUE_FULL = 5,          ///< `max_waiting` requests wait already
    ADMIT_USER_QUEUE_FULL = 6,     ///< `max_waiting_per_user` requests of the user wait already
    ADMIT_WAIT_TIMEOUT = 7,        ///< no room in the time that the request may wait
    ADMIT_WAITING = 100,           ///< `admit_wait`: the callback tells
    ADMIT_INVALID_ARGUMENT = 101,  ///< see `admit_error`
    ADMIT_NO_MEMORY = 102,         ///< nothing has changed
    ADMIT_SYSTEM_ERROR = 103,      ///< the system gives no random key
    ADMIT_ENDED = 104              ///< the conversation has ended, or there is none
};

/// How a conversation ended.
typedef int32_t admit_status;
enum {
    ADMIT_COMPLETED = 0,  ///< its work was done
    ADMIT_IDLE = 1,       ///< no activity for `idle_timeout`
    ADMIT_TIMED_OUT = 2,  ///< older than `max_duration`
    ADMIT_ERROR = 3,      ///< its work failed
    ADMIT_DRAINED = 4,    ///< cut off because the engine shuts down
    ADMIT_CANCELLED = 5   ///< called off by the user or the bot
};

/// What a result means, in English.
///
/// @param result The result.
/// @return A text for logs and users, static; "unknown result" for another number. Wait-free.
ADMIT_API const char* admit_message(admit_result result) ADMIT_NOEXCEPT;

/// The name of a status.
///
/// @param status The status.
/// @return "completed", "idle", "timed_out", "error", "drained", "cancelled", or "unknown"; static.
///   Wait-free.
ADMIT_API const char* admit_status_name(admit_status status) ADMIT_NOEXCEPT;

/// The version of the library that runs.
///
/// @return "major.minor.patch", static. Wait-free.
ADMIT_API const char* admit_version(void) ADMIT_NOEXCEPT;

/// Why an argument was refused. Passed as a null pointer where it is not wanted.
typedef struct admit_error {
    char text[256];  ///< ends in 0; empty if the call did not fail
} admit_error;

/// A length of time that never ends.
#define ADMIT_NEVER INT64_MAX
/// The largest `max_concurrent` and `max_per_user`; as a request's `max_per_user`: no limit.
#define ADMIT_UNLIMITED 2000000U
/// As a request's `max_per_user`: that of the engine's limits.
#define ADMIT_BY_LIMITS SIZE_MAX

/// What an engine allows.
typedef struct admit_limits {
    size_t size;                  ///< of the struct that the caller knows
    size_t max_concurrent;        ///< active at once: 0 to 2,000,000
    size_t max_per_user;          ///< active at once of one user: 0 to 2,000,000
    int64_t idle_timeout;         ///< ends as `ADMIT_IDLE` without a touch: 1 to `ADMIT_NEVER`
    int64_t max_duration;         ///< ends as `ADMIT_TIMED_OUT`: 1 to `ADMIT_NEVER`
    size_t max_waiting;           ///< requests that wait at once: 0 to 1,000,000
    size_t max_waiting_per_user;  ///< of one user: 0 to 1,000,000
} admit_limits;

/// 10, 3 of each user, 5 and 10 minutes, 1,024, 16 of each user.
#define ADMIT_LIMITS_INIT \
    { sizeof(admit_limits), 10, 3, INT64_C(300000000000), INT64_C(600000000000), 1024, 16 }

/// How an engine works.
typedef struct admit_engine_options {
    size_t size;          ///< of the struct that the caller knows
    uint32_t histograms;  ///< not 0: it records lengths, for `admit_expected_wait`; 230 KB
    uint32_t reserved;    ///< 0
} admit_engine_options;
/// No histograms.
#define ADMIT_ENGINE_OPTIONS_INIT \
    { sizeof(admit_engine_options), 0, 0 }

/// How to ask for a conversation.
typedef struct admit_request {
    size_t size;           ///< of the struct that the caller knows
    size_t max_per_user;   ///< for this request; `ADMIT_BY_LIMITS`
    int64_t wait_at_most;  ///< of `admit_wait`: 0 or less does not wait; `ADMIT_NEVER`
    uint32_t priority;     ///< of `admit_wait`: 0 to 3, higher first
    uint32_t reserved;     ///< 0
} admit_request;

/// By the limits; waits for ever, with priority 0. A null pointer means the same.
#define ADMIT_REQUEST_INIT \
    { sizeof(admit_request), ADMIT_BY_LIMITS, ADMIT_NEVER, 0, 0 }

/// The name of a conversation, unique in the process and never used again. All 0: none.
typedef struct admit_conversation_id {
    uint64_t engine;      ///< the number of the engine, from 1
    uint64_t generation;  ///< the slot's generation
    uint32_t slot;        ///< the number of the slot
} admit_conversation_id;

/// An admitted conversation. A plain value: it may be copied, needs no release, and may outlive its
/// engine. The conversation lasts until it is ended, which `admit_expire` does in the end.
typedef struct admit_permit {
    admit_conversation_id id;  ///< its id
    void* place;               ///< for the library
} admit_permit;

/// @name Engines
/// @{

/// Makes an engine.
///
/// @param limits What it allows; null for those of `ADMIT_LIMITS_INIT`.
/// @param options How it works; null for those of `ADMIT_ENGINE_OPTIONS_INIT`.
/// @param[out] engine The engine; null if there is none.
/// @param[out] error Why an argument was refused; may be null.
/// @return `ADMIT_OK`, `ADMIT_INVALID_ARGUMENT`, `ADMIT_NO_MEMORY` or `ADMIT_SYSTEM_ERROR`.
/// @par Complexity
/// Memory: about 140 bytes for each of `max_concurrent`, and 43 for each of `max_waiting`.
ADMIT_API admit_result admit_engine_new(const admit_limits* limits,
                                        const admit_engine_options* options, admit_engine** engine,
                                        admit_error* error) ADMIT_NOEXCEPT;

/// Ends every conversation as `ADMIT_DRAINED`, calls what waits with `ADMIT_SHUTTING_DOWN`, and
/// frees the engine. Afterwards permits and handles may live on, and do nothing.
///
/// @param engine The engine; null does nothing.
/// @par Thread safety
/// No other call may be in progress, by a permit or a handle of this engine either, nor any of its
/// callbacks run, and none may begin until this returns.
ADMIT_API void admit_engine_free(admit_engine* engine) ADMIT_NOEXCEPT;

/// Replaces the limits. No call that begins after this returned exceeds them; what is active goes
/// on.
///
/// @param engine The engine.
/// @param limits What it allows from now on; null for those of `ADMIT_LIMITS_INIT`.
/// @param[out] error Why an argument was refused; may be null.
/// @return `ADMIT_OK`, `ADMIT_INVALID_ARGUMENT` or `ADMIT_NO_MEMORY`. Lock-free but for the
///   allocator.
ADMIT_API admit_result admit_set_limits(admit_engine* engine, const admit_limits* limits,
                                        admit_error* error) ADMIT_NOEXCEPT;

/// The limits in force.
///
/// @param engine The engine.
/// @param[in,out] limits As many members as `limits->size` has room for are written. Lock-free.
ADMIT_API void admit_get_limits(const admit_engine* engine, admit_limits* limits) ADMIT_NOEXCEPT;

/// The present instant.
///
/// @return A reading of the clock, 1 to 10 ms behind at most. Wait-free, about 3 ns.
ADMIT_API int64_t admit_now(void) ADMIT_NOEXCEPT;

/// @}
/// @name Conversations
/// @{

/// Asks for one conversation of a user to start now.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @param request Its `max_per_user` is used; null for those of `ADMIT_REQUEST_INIT`.
/// @param[out] permit The conversation; that of none if it is rejected.
/// @return `ADMIT_OK`, a reason from `ADMIT_SHUTTING_DOWN` to `ADMIT_USER_LIMIT`, the first that
///   holds, or `ADMIT_INVALID_ARGUMENT`. Lock-free, O(1), allocates nothing.
ADMIT_API admit_result admit_try_admit(admit_engine* engine, const char* user, size_t user_size,
                                       const admit_request* request,
                                       admit_permit* permit) ADMIT_NOEXCEPT;

/// The same for a key, without hashing the id again.
///
/// @param engine The engine.
/// @param key The key of the user, made by this engine.
/// @param request As for `admit_try_admit`.
/// @param[out] permit As for `admit_try_admit`.
/// @return As `admit_try_admit`; `ADMIT_INVALID_USER_ID` for the key of another engine.
ADMIT_API admit_result admit_try_admit_key(admit_engine* engine, const admit_key* key,
                                           const admit_request* request,
                                           admit_permit* permit) ADMIT_NOEXCEPT;

/// Hashes a user id once for many admissions. A key may outlive its engine.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @param[out] key The key; null if there is none.
/// @return `ADMIT_OK`, `ADMIT_INVALID_USER_ID` or `ADMIT_NO_MEMORY`.
ADMIT_API admit_result admit_key_new(admit_engine* engine, const char* user, size_t user_size,
                                     admit_key** key) ADMIT_NOEXCEPT;

/// Frees a key.
///
/// @param key The key; null does nothing.
ADMIT_API void admit_key_free(admit_key* key) ADMIT_NOEXCEPT;

/// Records activity of a conversation now.
///
/// @param permit The conversation.
/// @return False: it has ended, or was told to end. Lock-free, O(1).
ADMIT_API bool admit_touch(const admit_permit* permit) ADMIT_NOEXCEPT;

/// The same by its id.
///
/// @param engine The engine.
/// @param id The conversation's id.
/// @return As `admit_touch`; false also for an id of another engine.
ADMIT_API bool admit_touch_id(admit_engine* engine, const admit_conversation_id* id) ADMIT_NOEXCEPT;

/// Ends a conversation. A supervisor is not told: it is the one that has the permit.
///
/// @param permit The conversation.
/// @param how What it ends as. A number that is no status counts as `ADMIT_ERROR`.
/// @return Whether this call ended it. Lock-free, O(1); calls what has room now.
ADMIT_API bool admit_end(const admit_permit* permit, admit_status how) ADMIT_NOEXCEPT;

/// The same by its id; its supervisor is told.
///
/// @param engine The engine.
/// @param id The conversation's id.
/// @param how As for `admit_end`.
/// @return As `admit_end`; false also for an id of another engine.
ADMIT_API bool admit_end_id(admit_engine* engine, const admit_conversation_id* id,
                            admit_status how) ADMIT_NOEXCEPT;

/// Ends all conversations of a user that were active before the call, each as by its id.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @param how As for `admit_end`.
/// @return How many this call ended. Lock-free, O(max_concurrent).
ADMIT_API size_t admit_end_user(admit_engine* engine, const char* user, size_t user_size,
                                admit_status how) ADMIT_NOEXCEPT;

/// How long until a conversation times out.
///
/// @param permit The conversation.
/// @return Nanoseconds; 0 if it has ended, `ADMIT_NEVER` without timeouts. Lock-free, O(1).
ADMIT_API int64_t admit_remaining(const admit_permit* permit) ADMIT_NOEXCEPT;

/// @}
/// @name Waiting
/// @{

/// Tells what came of a wait: `ADMIT_OK` with a permit, which is valid during the call and may be
/// copied, or `ADMIT_WAIT_TIMEOUT` or `ADMIT_SHUTTING_DOWN` with one of no conversation.
typedef void (*admit_waited)(void* data, admit_result result, const admit_permit* permit);

/// Names a wait. A plain value, which may outlive its engine.
typedef struct admit_wait_handle {
    void* place;          ///< for the library
    uint64_t generation;  ///< for the library
    uint32_t cell;        ///< for the library
} admit_wait_handle;

/// Asks for a conversation, and waits for room if need be. `admit_expire` ends waits that are over.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @param request How to ask; null for `ADMIT_REQUEST_INIT`, which waits for ever.
/// @param waited Called once if the result is `ADMIT_WAITING`, perhaps before this returns, unless
///   `admit_cancel` takes the wait back. Never called otherwise.
/// @param data For `waited`. It belongs to the callback from the call on, unless the result is
///   another than `ADMIT_WAITING`.
/// @param[out] permit The conversation if the result is `ADMIT_OK`; otherwise that of none.
/// @param[out] handle Names the wait if the result is `ADMIT_WAITING`; set before `waited` can
/// come.
/// @param[out] error Why an argument was refused; may be null.
/// @return `ADMIT_OK`, `ADMIT_WAITING`, a reason from `ADMIT_SHUTTING_DOWN` to
///   `ADMIT_USER_QUEUE_FULL`, `ADMIT_INVALID_ARGUMENT` or `ADMIT_NO_MEMORY`. A request that does
///   not wait gets the reasons of `admit_try_admit`. Lock-free but for the allocator.
ADMIT_API admit_result admit_wait(admit_engine* engine, const char* user, size_t user_size,
                                  const admit_request* request, admit_waited waited, void* data,
                                  admit_permit* permit, admit_wait_handle* handle,
                                  admit_error* error) ADMIT_NOEXCEPT;

/// Waits until the engine is closed and its last conversation has ended.
///
/// @param engine The engine.
/// @param waited Gets `ADMIT_OK` and a permit of no conversation, perhaps before this returns, also
///   when the engine is freed.
/// @param data For `waited`.
/// @param[out] handle Names the wait.
/// @return `ADMIT_WAITING` or `ADMIT_NO_MEMORY`. Lock-free but for the allocator.
ADMIT_API admit_result admit_wait_idle(admit_engine* engine, admit_waited waited, void* data,
                                       admit_wait_handle* handle) ADMIT_NOEXCEPT;

/// Takes a wait back.
///
/// @param handle The wait; its engine may have gone.
/// @return True: the callback is not called any more, and nothing of the request counts. False: it
///   is called exactly once, earlier, now in another thread, or later: `data` has to live until
///   then, and the permit is to be ended. Lock-free.
ADMIT_API bool admit_cancel(const admit_wait_handle* handle) ADMIT_NOEXCEPT;

/// @}
/// @name Supervision
/// @{

/// Tells once why the conversation is to end: as what it timed out, `ADMIT_DRAINED`, or the status
/// with which another call has ended it by its id or its user. These callbacks nest: a call inside
/// that ends, or tells to end, other supervised conversations calls theirs.
typedef void (*admit_told_to_end)(void* data, admit_status how);

/// Has a conversation told to end when its time is up, or when it is cut off, instead of losing its
/// slot. It counts until `admit_unsupervise`, or until an `admit_expire` or `admit_cut_off` after
/// its grace. A call that ends it by its id, its user or its permit, or frees the engine, ends it
/// at once.
///
/// @param permit The conversation, which has one supervision at a time.
/// @param grace How long it may go on after it was told, in nanoseconds by the clock: 0 or less for
///   no time, `ADMIT_NEVER`.
/// @param told Called at most once, perhaps before this returns and has set `*supervision`; may be
///   null.
/// @param release Called once, whatever comes of this, when the library uses `data` no more: until
///   then `data` has to live, and `told` may be called. May be null.
/// @param data For `told` and `release`.
/// @param[out] supervision Null unless the result is `ADMIT_OK`.
/// @return `ADMIT_OK`; `ADMIT_NO_MEMORY`; `ADMIT_ENDED` if the permit is of no conversation that is
///   active, when `told` may have been called and `release` may come later;

///   `ADMIT_INVALID_ARGUMENT` if the conversation is supervised already. Lock-free but for the
///   allocator.
ADMIT_API admit_result admit_supervise(const admit_permit* permit, int64_t grace,
                                       admit_told_to_end told, void (*release)(void* data),
                                       void* data, admit_supervision** supervision) ADMIT_NOEXCEPT;

/// How a supervised conversation ended.
typedef struct admit_ending {
    admit_status status;  ///< as what it counts; if neither `ended` nor `told`, a guess
    bool ended;           ///< this call has ended it
    bool told;            ///< it was told to end, or another call has ended it and told so
    bool overstayed;      ///< it lost its slot after its grace
    uint8_t reserved[9];  ///< 0
} admit_ending;

/// Ends a supervised conversation, if it has not ended, as it was told to end or else as `how`, and
/// frees the supervision. To be called once, before or after the engine was freed; in `told` only
/// by a program that has the supervision by then.
///
/// @param supervision The supervision. `told` may still be called by another thread until `release`
///   is.
/// @param how What the conversation ends as if it was not told to end.
/// @return How it ended. Lock-free; calls what has room now.
ADMIT_API admit_ending admit_unsupervise(admit_supervision* supervision,
                                         admit_status how) ADMIT_NOEXCEPT;

/// @}
/// @name Time and the end
/// @{

/// What `admit_expire` did.
typedef struct admit_expired {
    size_t idle;       ///< conversations ended, or told to end, for `idle_timeout`
    size_t timed_out;  ///< conversations ended, or told to end, for `max_duration`
    size_t waits;      ///< requests that waited as long as they may
    size_t reserved;   ///< 0
} admit_expired;

/// Ends what is due: conversations by the timeouts of the limits, and waits by their own.
///
/// @param engine The engine.
/// @param now The present instant: usually `admit_now()`, from a timer.
/// @return How many of each kind. Lock-free. O(max_concurrent / 256) when nothing is due, and O(w)
///   for w requests that ever waited at one time.
ADMIT_API admit_expired admit_expire(admit_engine* engine, int64_t now) ADMIT_NOEXCEPT;

/// Every admission is rejected from now on, and what waits is called. What is active goes on.
///
/// @param engine The engine.
ADMIT_API void admit_close(admit_engine* engine) ADMIT_NOEXCEPT;

/// Closes the engine, and ends its conversations as `ADMIT_DRAINED`, or tells their supervisors to;

/// takes their slots after their grace.
///
/// @param engine The engine.
/// @return The instant at which to call it again if something is still active then; `ADMIT_NEVER`
///   if nothing is active; 0 without memory: then again soon. O(max_concurrent).
ADMIT_API int64_t admit_cut_off(admit_engine* engine) ADMIT_NOEXCEPT;

/// @}
/// @name What it is doing
/// @{

/// Conversations active now.
///
/// @param engine The engine.
/// @return The count, exact at rest. Wait-free.
ADMIT_API size_t admit_active(const admit_engine* engine) ADMIT_NOEXCEPT;

/// Conversations of one user active now, and attempts of that user under way.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @return The count; 0 for an invalid id. Lock-free, O(1).
ADMIT_API size_t admit_active_of(const admit_engine* engine, const char* user,
                                 size_t user_size) ADMIT_NOEXCEPT;

/// The worst case of how long until a user could be admitted: conversations usually end before they
/// time out.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @return Nanoseconds, 0 if there is room now; `ADMIT_NEVER` if no timeout makes room.
///   Lock-free, O(max_concurrent).
ADMIT_API int64_t admit_retry_after(const admit_engine* engine, const char* user,
                                    size_t user_size) ADMIT_NOEXCEPT;

/// How long a request would wait if conversations last as they did of late.
///
/// @param engine The engine.
/// @param user The user id, 1 to 255 bytes of any value.
/// @param user_size The number of its bytes.
/// @param request Its `max_per_user` is used; null for `ADMIT_REQUEST_INIT`.
/// @return Nanoseconds; -1 if that is not known: without histograms, or before a conversation has
///   ended. Lock-free, O(max_concurrent).
ADMIT_API int64_t admit_expected_wait(const admit_engine* engine, const char* user,
                                      size_t user_size,
                                      const admit_request* request) ADMIT_NOEXCEPT;

/// Totals since the engine was made, and what is active now.
typedef struct admit_stats {
    size_t size;            ///< of the struct that the caller knows
    size_t active;          ///< conversations now
    size_t users;           ///< users with at least one conversation now
    size_t waiting;         ///< requests that wait now
    uint64_t admitted;      ///< conversations that began
    uint64_t overstayed;    ///< of the ended, those that lost their slots after their grace
    uint64_t rejected[16];  ///< by `admit_result`; that of `ADMIT_OK` is 0
    uint64_t ended[16];     ///< by `admit_status`
} admit_stats;
/// All 0.
#define ADMIT_STATS_INIT                               \
    {                                                  \
        sizeof(admit_stats), 0, 0, 0, 0, 0, {0}, { 0 } \
    }
/// Totals since the engine was made, and what is active now.
///
/// @param engine The engine.
/// @param[in,out] stats As many members as `stats->size` has room for are written. Exact at rest.
///   Lock-free, O(max_concurrent).
ADMIT_API void admit_get_stats(const admit_engine* engine, admit_stats* stats) ADMIT_NOEXCEPT;

/// An active conversation in a listing.
typedef struct admit_conversation {
    admit_conversation_id id;  ///< its id
    const char* user;          ///< valid while it is visited; not ended by 0
    size_t user_size;          ///< the number of its bytes
    int64_t started;           ///< when it was admitted
    int64_t last_activity;     ///< its last touch, or its start
} admit_conversation;

/// A request that waits, in a listing.
typedef struct admit_waiter {
    const char* user;   ///< valid while it is visited; not ended by 0
    size_t user_size;   ///< the number of its bytes
    int64_t since;      ///< when it began to wait
    size_t ahead;       ///< how many are admitted before it, an estimate
    unsigned priority;  ///< 0 to 3
} admit_waiter;

/// Visits the active conversations, in no particular order, until a visit returns false. The list
/// is made before the first visit, which may call every function but `admit_engine_free`.
///
/// @param engine The engine.
/// @param user The user id; null with size 0 for all users.
/// @param user_size The number of its bytes.
/// @param visit Called with `data` and each conversation, which is valid during the call.
/// @param data For `visit`.
/// @return `ADMIT_OK` or `ADMIT_NO_MEMORY`. O(max_concurrent).
ADMIT_API admit_result admit_conversations(
    const admit_engine* engine, const char* user, size_t user_size,
    bool (*visit)(void* data, const admit_conversation* conversation), void* data) ADMIT_NOEXCEPT;

/// Visits the requests that wait, the next to be admitted first, until a visit returns false. The
/// list is made before the first visit.
///
/// @param engine The engine.
/// @param user The user id; null with size 0 for all users.
/// @param user_size The number of its bytes.
/// @param visit Called with `data` and each request, which is valid during the call.
/// @param data For `visit`.
/// @return `ADMIT_OK` or `ADMIT_NO_MEMORY`. O(w + n log n) for n requests that wait, and w that
/// ever
///   waited at one time.
ADMIT_API admit_result admit_waiters(const admit_engine* engine, const char* user, size_t user_size,
                                     bool (*visit)(void* data, const admit_waiter* waiter),
                                     void* data) ADMIT_NOEXCEPT;

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif
#undef ADMIT_NOEXCEPT

#endif  // ADMIT_ADMIT_H
