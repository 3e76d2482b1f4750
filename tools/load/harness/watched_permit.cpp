// SPDX-License-Identifier: BSL-1.0
#include "load/harness/watched_permit.hpp"

#include <utility>

#include "load/harness/scenario_run.hpp"

namespace admit::load {

watched_permit::watched_permit(scenario_run& owner, held_permit held, std::size_t user,
                               const start_options& how, steady::time_point asked) noexcept
    : run_(&owner),
      permit_(std::move(held)),
      user_(static_cast<std::uint32_t>(user)),
      kind_(how.kind),
      planned_(how.planned.value_or(asked)),
      asked_(asked),
      admitted_(steady::now()) {}

watched_permit::watched_permit(watched_permit&& other) noexcept
    : run_(std::exchange(other.run_, nullptr)),
      permit_(std::move(other.permit_)),
      user_(other.user_),
      kind_(other.kind_),
      counted_outside_(other.counted_outside_),
      thrown_(other.thrown_),
      planned_(other.planned_),
      asked_(other.asked_),
      admitted_(other.admitted_) {}

watched_permit::~watched_permit() {
    if (run_ == nullptr) return;
    leave_outside_count();
    if (thrown_) {
        { const held_permit ending = std::move(permit_); }
        run_->samples_.here().thrown.add();
        run_->note_over();
    } else {
        // A stopped context destroys its coroutines in a thread that is no worker and has no
        // record.
        run_->abandoned_.fetch_add(1);
    }
}

void watched_permit::leave_outside_count() noexcept {
    if (std::exchange(counted_outside_, false)) run_->outside_.ending(user_);
}

void watched_permit::touch() {
    permit* held = std::get_if<permit>(&permit_);
    if (held == nullptr) return;  // baselines know no touch
    if (!held->touch() && counted_outside_) run_->samples_.here().failed_touches.add();
}

admit::duration watched_permit::remaining() const noexcept {
    const permit* held = std::get_if<permit>(&permit_);
    return held != nullptr ? held->remaining() : admit::duration::max();
}

void watched_permit::end() { run_->finish(*this, false); }

void watched_permit::end_timing_calls() { run_->finish(*this, true); }

}  // namespace admit::load
