// The checks of every run.
#include <fmt/format.h>

#include "load/build_info.hpp"
#include "load/runner.hpp"

namespace admit::load {
namespace {

void judge_end(const metrics& seen, checklist& checks) {
    checks.equal("the run came to its end", "yes", seen.finished ? "yes" : "no",
                 "a user hangs (a lost resumption, an endless retry), or an exception stopped all");
    checks.equal("exceptions", std::uint64_t{0}, seen.exceptions,
                 seen.exceptions == 0 ? "" : fmt::format("the first: {}", seen.first_exception));
    checks.equal("active at the end", std::uint64_t{0}, seen.engine.active,
                 "an end did not give its slot back, or an admission was given twice");
    checks.equal("users counted at the end", std::uint64_t{0}, seen.engine.users,
                 "an end did not give its user's count back, or a failed start kept it");
    checks.equal("listed at the end", std::uint64_t{0}, seen.listed,
                 "the listing shows conversations that have ended");
}

void judge_queue(const metrics& seen, checklist& checks) {
    const auto causes = "the engine says something else of a wait than the waiter was told";
    checks.equal("waiting at the end", std::uint64_t{0}, seen.engine.waiting,
                 "a waiter was lost in the queue, or left it without being taken off");
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

void judge_limits(const plan& numbers, const metrics& seen, checklist& checks) {
    const auto causes =
        "the limit is checked before the step that takes, not in it; or something was given back "
        "twice";
    checks.at_most("highest active, counted from outside", numbers.limits.max_concurrent,
                   seen.max_active, causes);
    checks.at_most("highest active of a user, counted from outside", numbers.limits.max_per_user,
                   seen.max_active_of_a_user, causes);
    checks.at_most("highest active, reported by the engine", numbers.limits.max_concurrent,
                   seen.max_active_reported, "a sweep counts a slot that is on its way twice");
}

void judge_conservation(const metrics& seen, checklist& checks) {
    checks.equal("admitted + rejected", seen.starts.attempts,
                 seen.starts.successful + seen.starts.failed(),
                 "a start came back with neither a permit nor a reason (an exception?)");
    checks.equal("success rate in percent", "100",
                 fmt::format("{:.6g}", seen.success_rate_percent()),
                 "a conversation was ended by expiry or by a stale id before its user ended it, or "
                 "its user went away");
    checks.equal("abandoned conversations", std::uint64_t{0}, seen.abandoned,
                 "a user's coroutine was destroyed with its permit: the run was cut off");
    checks.equal("touches refused", std::uint64_t{0}, seen.failed_touches,
                 "an active conversation was not found: wrong generation, or expired early");
    checks.equal("response times recorded", seen.completions, seen.response.count,
                 "samples were lost on their way to the report: a fault of the load tool");
}

void judge_statistics(const metrics& seen, checklist& checks) {
    const auto causes =
        "the engine's statistics and the outside counts have come apart: an "
        "operation is counted twice, not at all, or under another reason";
    const admit::stats& engine = seen.engine;
    checks.equal("admitted by the engine's statistics", seen.starts.successful, engine.admitted,
                 causes);
    checks.equal("completed by the engine's statistics", seen.completions, engine.ended.completed,
                 causes);
    checks.equal("ended otherwise by the engine's statistics", std::uint64_t{0},
                 engine.ended.total() - engine.ended.completed,
                 "expired, failed or drained conversations where nothing should expire or fail");
    checks.equal("rejected by global_limit, engine's statistics",
                 seen.starts.failed(errc::global_limit), engine.rejected.global_limit, causes);
    checks.equal("rejected by user_limit, engine's statistics",
                 seen.starts.failed(errc::user_limit), engine.rejected.user_limit, causes);
    checks.equal("rejected for other reasons", std::uint64_t{0},
                 seen.starts.failed() - seen.starts.failed(errc::global_limit) -
                     seen.starts.failed(errc::user_limit),
                 "nothing here closes the engine or uses an invalid user id, and nobody waits too "
                 "long or in too large a crowd");
}

void judge_memory(const plan& numbers, const metrics& seen, checklist& checks) {
    const auto causes =
        "something is kept for every user or conversation; or another part of the "
        "process allocated meanwhile";
    if (numbers.memory_floor_mib > 0) {
        checks.below_floor("growth of memory", numbers.memory_floor_mib, seen.memory.growth_mib(),
                           "MiB", causes);
    }
    if (sanitized_build) return;  // shadow memory and quarantine are most of what one would see
    checks.below("growth of memory at its peak, own threshold", numbers.own_memory_mib,
                 seen.memory.peak_mib - seen.memory.before_mib, "MiB", causes);
}

}  // namespace

void judge_common(const plan& numbers, const metrics& seen, checklist& checks) {
    judge_end(seen, checks);
    judge_limits(numbers, seen, checks);
    judge_conservation(seen, checks);
    judge_statistics(seen, checks);
    judge_queue(seen, checks);
    judge_memory(numbers, seen, checks);
}

}  // namespace admit::load
