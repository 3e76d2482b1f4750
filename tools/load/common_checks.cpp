// SPDX-License-Identifier: BSL-1.0
// The checks of every run, whatever its scenario. Called by runner.cpp.
#include <fmt/format.h>

#include "common/build_info.hpp"
#include "load/runner.hpp"

namespace admit::load {
namespace {

void check_end(const metrics& seen, checklist& checks) {
    checks.equal(
        "the run came to its end", "yes", seen.finished ? "yes" : "no",
        "a user hangs (a lost resumption, an endless retry), or an exception stopped the run");
    checks.equal("exceptions", std::uint64_t{0}, seen.exceptions,
                 seen.exceptions == 0 ? "" : fmt::format("the first: {}", seen.first_exception));
    checks.equal("active at the end", std::uint64_t{0}, seen.engine.active,
                 "an end did not free its slot, or one admission took two slots");
    checks.equal("users counted at the end", std::uint64_t{0}, seen.engine.users,
                 "an end did not lower the count of its user, or a failed start raised it");
    checks.equal("listed at the end", std::uint64_t{0}, seen.listed,
                 "the listing shows conversations that have ended");
}

void check_queue(const metrics& seen, checklist& checks) {
    const auto causes = "the engine counted another end of a wait than the waiter got";
    checks.equal("waiting at the end", std::uint64_t{0}, seen.engine.waiting,
                 "a waiter was lost in the queue, or the queue kept a waiter that had left");
    checks.equal("rejected by queue_full, engine's statistics",
                 seen.starts.failed(errc::queue_full), seen.engine.rejected.queue_full, causes);
    checks.equal("rejected by user_queue_full, engine's statistics",
                 seen.starts.failed(errc::user_queue_full), seen.engine.rejected.user_queue_full,
                 causes);
    checks.equal("rejected by wait_timeout, engine's statistics",
                 seen.starts.failed(errc::wait_timeout), seen.engine.rejected.wait_timeout, causes);
    if (!seen.queue_wait) return;
    checks.equal("queue waits recorded", seen.waits, seen.queue_wait->count,
                 "samples were lost on their way to the report: a fault of the load tool");
}

void check_limits(const plan& numbers, const metrics& seen, checklist& checks) {
    const auto causes =
        "the limit is checked before the atomic step that takes the slot, not in it; or a slot or "
        "count was freed twice";
    checks.at_most("highest active, counted from outside", numbers.limits.max_concurrent,
                   seen.max_active, causes);
    checks.at_most("highest active of a user, counted from outside", numbers.max_of_a_user,
                   seen.max_active_of_a_user, causes);
    checks.at_most("highest active, reported by the engine", numbers.limits.max_concurrent,
                   seen.max_active_reported, "a sweep counts a moving slot twice");
}

/// A conversation of a file may end by expiry or an exception, all others by their users.
void check_ends(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.from_file) {
        checks.equal("conversations with an end", seen.starts.successful,
                     seen.completions + seen.expired + seen.thrown,
                     "a user was destroyed, or a conversation ended twice");
        return;
    }
    checks.equal("success rate in percent", "100",
                 fmt::format("{:.6g}", seen.success_rate_percent()),
                 "expiry or a stale id ended a conversation before its user did, or the user was "
                 "destroyed");
}

void check_conservation(const plan& numbers, const metrics& seen, checklist& checks) {
    checks.equal("admitted + rejected", seen.starts.attempts,
                 seen.starts.successful + seen.starts.failed() + seen.starts.given_up,
                 "a start returned neither a permit nor a reason (an exception?)");
    check_ends(numbers, seen, checks);
    checks.equal(
        "abandoned conversations", std::uint64_t{0}, seen.abandoned,
        "the coroutine of a user was destroyed with its permit: the run was stopped early");
    checks.equal("touches refused", std::uint64_t{0}, seen.failed_touches,
                 "an active conversation was not found: wrong generation, or expired early");
    checks.equal("response times recorded", seen.completions, seen.response.count,
                 "samples were lost on their way to the report: a fault of the load tool");
}

/// How conversations ended and why requests were rejected beside the usual ways.
void check_rarities(const plan& numbers, const metrics& seen, checklist& checks) {
    const start_counts& starts = seen.starts;
    const admit::endings& ended = seen.engine.ended;
    if (numbers.from_file) {
        const auto causes = "the engine counted another end than its user saw";
        checks.equal("ended by exceptions, engine's statistics", seen.thrown, ended.error, causes);
        checks.equal("ended by expiry, engine's statistics", seen.expired,
                     ended.idle + ended.timed_out, causes);
        return;
    }
    checks.equal("ended otherwise by the engine's statistics", std::uint64_t{0},
                 ended.total() - ended.completed,
                 "conversations expired, failed or were drained; here none should");
    checks.equal(
        "rejected for other reasons", std::uint64_t{0},
        starts.failed() - starts.failed(errc::global_limit) - starts.failed(errc::user_limit),
        "no run closes the engine or uses an invalid user id, and neither waits nor "
        "queues reach their limits");
}

void check_statistics(const plan& numbers, const metrics& seen, checklist& checks) {
    const auto causes =
        "the statistics of the engine and the outside counts differ: an operation is counted "
        "twice, not at all, or under another reason";
    const admit::stats& engine = seen.engine;
    checks.equal("admitted by the engine's statistics", seen.starts.successful, engine.admitted,
                 causes);
    checks.equal("completed by the engine's statistics", seen.completions, engine.ended.completed,
                 causes);
    checks.equal("rejected by global_limit, engine's statistics",
                 seen.starts.failed(errc::global_limit), engine.rejected.global_limit, causes);
    checks.equal("rejected by user_limit, engine's statistics",
                 seen.starts.failed(errc::user_limit), engine.rejected.user_limit, causes);
    check_rarities(numbers, seen, checks);
}

void check_memory(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.memory_limit_mib == 0) return;
    if (tools::sanitized_build) return;  // mostly shadow memory and quarantine
    checks.below("growth of memory at its peak, own threshold", numbers.memory_limit_mib,
                 seen.memory.peak_mib - seen.memory.before_mib, "MiB",
                 "memory is kept for every user or conversation, or another part of the process "
                 "allocated during the run");
}

}  // namespace

void check_common(const plan& numbers, const metrics& seen, checklist& checks) {
    check_end(seen, checks);
    check_limits(numbers, seen, checks);
    check_conservation(numbers, seen, checks);
    if (numbers.system == system_kind::admit) {  // a baseline has no statistics
        check_statistics(numbers, seen, checks);
        check_queue(seen, checks);
    }
    check_memory(numbers, seen, checks);
}

}  // namespace admit::load
