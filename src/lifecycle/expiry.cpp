// SPDX-License-Identifier: BSL-1.0
#include "lifecycle/expiry.hpp"

#include <algorithm>
#include <limits>

#include "lifecycle/supervision.hpp"

namespace admit::core {

namespace {

/// A group's bound in one word. Bits 63-40: the version of the timeouts that the bound was made
/// with, modulo 2^24. Bits 39-0: a time in units of 2^20 ns, rounded down; 36 years of uptime.
class due_bound {
public:
    static std::uint64_t pack(const timeouts& timeouts, nanos when) noexcept {
        return version_of(timeouts) << time_bits | to_units(when);
    }
    static bool passed(std::uint64_t bits, const timeouts& timeouts, nanos now) noexcept {
        return bits >> time_bits != version_of(timeouts) || (bits & max_units) <= to_units(now);
    }

private:
    static constexpr unsigned time_bits = 40;
    static constexpr std::uint64_t max_units = (std::uint64_t{1} << time_bits) - 1;

    static std::uint64_t version_of(const timeouts& timeouts) noexcept {
        return timeouts.version & ((std::uint64_t{1} << (64 - time_bits)) - 1);
    }
    static std::uint64_t to_units(nanos when) noexcept {
        return std::min(static_cast<std::uint64_t>(std::max<nanos>(when, 0)) >> 20, max_units);
    }
};

class sweep {
public:
    sweep(engine_core& core, nanos due_at, thread_state& thread) noexcept
        : core_{core},
          due_at_{std::min(due_at, end_of_time - 1)},
          thread_{thread},
          timeouts_{timeouts_of(core)},
          present_{core.now()},
          later_{after(present_, timeouts_.shortest())} {}

    expired run() noexcept {
        const unsigned groups = core_.pool.groups().count();
        slot_group* prefetched = nullptr;  // its times come from memory during another visit
        for (unsigned number = 0; number < groups; ++number) {
            // relaxed: a bound stays true, however old; see docs/design.md#expiry.
            const std::uint64_t bound =
                core_.pool.groups().next_due(number).load(memory_order_relaxed);
            if (!due_bound::passed(bound, timeouts_, due_at_)) continue;
            slot_group& due = core_.pool.groups()[number];
            due.prefetch_times();
            if (prefetched != nullptr) visit(*prefetched);
            prefetched = &due;
        }
        if (prefetched != nullptr) visit(*prefetched);
        return ended_;
    }

private:
    void visit(slot_group& group) noexcept {
        earliest_ = later_;
        for_each_taken(group, [this](slot_ref slot) { visit(slot); });
        // relaxed: a bound guards no other data.
        core_.pool.groups()
            .next_due(group.number)
            .store(due_bound::pack(timeouts_, earliest_), memory_order_relaxed);
    }

    void visit(slot_ref slot) noexcept {
        // Only the times are read at first. They may be an earlier conversation's, and earlier.
        const deadlines at_first = deadlines_of(slot, timeouts_);
        if (is_later(slot.last_activity().read(), at_first)) return;
        const auto seen = slot.record().conversation.read();
        if (!seen.active()) {
            earliest_ = 0;  // a conversation begins or ends just now: visit again
            return;
        }
        // Read once more: now the times are this conversation's, or a later conversation's.
        const activity::snapshot activity = slot.last_activity().read();
        const deadlines due = deadlines_of(slot, timeouts_);
        if (is_later(activity, due)) return;
        step("expiry.due");
        nanos again = 0;  // the slot's next conversation was not visited
        if (due.max_duration <= due_at_ && due.max_duration <= due.idle) {
            again = time_is_up(slot, seen.generation(), status::timed_out, ended_.timed_out);
        } else if (activity.sealed() || slot.last_activity().seal(activity) ||
                   slot.last_activity().read().sealed()) {  // by another sweep
            again = time_is_up(slot, seen.generation(), status::idle, ended_.idle);
        }
        earliest_ = std::min(earliest_, again);
    }

    /// Whether the slot is due later than now; then the bound is at most that time.
    bool is_later(activity::snapshot activity, const deadlines& due) noexcept {
        if (activity.sealed() || due.first() <= due_at_) return false;
        earliest_ = std::min(earliest_, due.first());
        return true;
    }

    /// Ends a conversation, or requests its end. Returns when to visit the slot again.
    nanos time_is_up(slot_ref slot, std::uint64_t generation, status how,
                     std::size_t& ended) noexcept {
        const nanos now = std::min(due_at_, present_);  // so that a late `due_at` leaves the grace
        const notify_result sent = notify(slot, generation, how, now);
        if (sent.told) ++ended;
        switch (sent.kind) {
            case notify_result::no_supervisor:
                if (end_and_notify(slot, generation, how, now, thread_)) ++ended;
                return 0;
            case notify_result::woken:
                if (sent.told || sent.due > now) return sent.due;
                reclaim(slot, generation, false, thread_);
                return 0;
            case notify_result::over:
            case notify_result::retry: return 0;
        }
        return 0;
    }

    engine_core& core_;
    const nanos due_at_;  // before the end of time, at which `never` would be due
    thread_state& thread_;
    const timeouts timeouts_;
    const nanos present_;
    const nanos later_;  // no conversation that begins after `present_` is due earlier
    nanos earliest_ = end_of_time;
    expired ended_;
};

}  // namespace

timeouts timeouts_of(const engine_core& core) noexcept {
    timeouts timeouts = core.settings.read_timeouts();
    // relaxed: a number that guards nothing.
    const nanos resolution = core.resolution.load(memory_order_relaxed);
    timeouts.idle = after(timeouts.idle, resolution);
    timeouts.max_duration = after(timeouts.max_duration, resolution);
    return timeouts;
}

expired expire(engine_core& core, nanos due_at, thread_state& thread) noexcept {
    supervisor_cells::retry(core);
    return sweep{core, due_at, thread}.run();
}

}  // namespace admit::core
