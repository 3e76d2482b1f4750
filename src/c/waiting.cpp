// SPDX-License-Identifier: BSL-1.0
// admit.h: waits, which callbacks end. A callback may end a conversation, which may grant the next
// wait: `wait_op::post` keeps the calls from nesting.
#include "waiting/waiting_room.hpp"

#include <memory>
#include <utility>

#include "c/convert.hpp"
#include "engine/limits.hpp"
#include "lifecycle/expiry.hpp"
#include "lifecycle/starting.hpp"
#include "system/this_thread.hpp"

namespace admit::c {

namespace {

class wait_op final : public core::waiter_base {
public:
    wait_op(std::uint64_t engine, admit_waited waited, void* data) noexcept
        : engine_{engine}, waited_{waited}, data_{data} {}

    void accept(const core::verdict& verdict) noexcept override {
        if (verdict) permit_ = permit_of(verdict, engine_);
        result_ = result_of(verdict.reason);
    }
    bool post() noexcept override;
    /// Without an execution context there is none to be destroyed.
    void abandon() noexcept override { delete this; }

private:
    void call() noexcept {
        waited_(data_, result_, &permit_);
        delete this;
    }

    const std::uint64_t engine_;
    const admit_waited waited_;
    void* const data_;
    admit_result result_ = ADMIT_OK;
    admit_permit permit_{};
    wait_op* next_ready_ = nullptr;

    struct calls;
    /// The innermost calls of callbacks that this thread is in.
    static constinit thread_local calls* innermost;
};

/// The callbacks of one engine that a thread calls, in order.
struct wait_op::calls {
    const std::uint64_t engine;
    wait_op* first;
    wait_op* last;
    calls* const outer;
};

constinit thread_local wait_op::calls* wait_op::innermost = nullptr;

bool wait_op::post() noexcept {
    // A callback of this engine is under way in this thread: this one follows it. That of another
    // engine does not keep it waiting, since the engine may be freed afterwards.
    for (calls* under_way = innermost; under_way != nullptr; under_way = under_way->outer) {
        if (under_way->engine != engine_) continue;
        (under_way->first == nullptr ? under_way->first : under_way->last->next_ready_) = this;
        under_way->last = this;
        return true;
    }
    calls own{.engine = engine_, .first = this, .last = this, .outer = innermost};
    innermost = &own;
    while (own.first != nullptr) {
        wait_op* const op = std::exchange(own.first, own.first->next_ready_);
        op->call();
    }
    innermost = own.outer;
    return true;
}

/// Not early, although the clock may be behind.
core::nanos deadline_of(const core::engine_core& core, core::nanos wait_at_most) noexcept {
    // relaxed: a number that guards nothing.
    const core::nanos behind = core.resolution.load(core::memory_order_relaxed);
    return core::after(core::after(core.now(), wait_at_most), behind);
}

/// Begins a wait that the passes end. Throws `std::bad_alloc`.
admit_result begin_wait(core::engine_core& core, core::wait_terms terms,
                        std::unique_ptr<wait_op> op, admit_wait_handle* handle) {
    core::thread_state& thread = system::this_thread();
    core::waiting_room& room = core::waiting_room::require(core);
    core::cell_handle place;
    const errc reason = room.begin(core, *op, terms, nullptr, place);
    if (reason != errc{}) {
        core::serve(core, thread);
        return result_of(core::reject(core, reason, thread));
    }
    static_cast<void>(op.release());
    *handle = {.place = &core, .generation = place.generation, .cell = place.cell};
    room.enqueue(place);
    core::serve(core, thread);
    return ADMIT_WAITING;
}

}  // namespace

}  // namespace admit::c

// At the top, where they were declared: in a namespace they would not be exported.
using namespace admit;
using namespace admit::c;

admit_result admit_wait(admit_engine* engine, const char* user, size_t user_size,
                        const admit_request* given, admit_waited waited, void* data,
                        admit_permit* permit, admit_wait_handle* handle,
                        admit_error* error) noexcept {
    return guarded(error, [&] {
        *permit = {};
        *handle = {};
        const admit_request request = known_of("admit_request", given, ADMIT_REQUEST_INIT);
        check_count("admit_request.priority", request.priority, core::priorities - 1);
        core::engine_core& core = core_of(engine);
        const core::user_ref found = core::user_of(core.key, text(user, user_size));
        const auto own_limit = core::own_limit(own_limit_of(request));
        const core::verdict verdict =
            core::ask(core, system::this_thread(), found, own_limit, request.wait_at_most > 0);
        const std::uint64_t number = number_of(engine);
        if (verdict) *permit = permit_of(verdict, number);
        if (verdict || verdict.reason != errc{}) return result_of(verdict.reason);
        return begin_wait(core,
                          {.engine = number,
                           .kind = core::wait_kind::for_slot,
                           .user = found,
                           .priority = static_cast<std::uint8_t>(request.priority),
                           .deadline = deadline_of(core, request.wait_at_most),
                           .own_limit = own_limit},
                          std::make_unique<wait_op>(number, waited, data), handle);
    });
}

admit_result admit_wait_idle(admit_engine* engine, admit_waited waited, void* data,
                             admit_wait_handle* handle) noexcept {
    return guarded(nullptr, [&] {
        *handle = {};
        core::engine_core& core = core_of(engine);
        const std::uint64_t number = number_of(engine);
        return begin_wait(
            core,
            {.engine = number, .kind = core::wait_kind::for_idle, .user = {}, .own_limit = {}},
            std::make_unique<wait_op>(number, waited, data), handle);
    });
}

bool admit_cancel(const admit_wait_handle* handle) noexcept {
    auto* const core = static_cast<core::engine_core*>(handle->place);
    if (core == nullptr) return false;
    core::waiter_base* const waiter =
        core::waiting_room::find(*core)->withdraw(*core, {handle->cell, handle->generation});
    if (waiter == nullptr) return false;
    delete static_cast<wait_op*>(waiter);
    core::serve(*core, system::this_thread());
    return true;
}

admit_expired admit_expire(admit_engine* engine, int64_t now) noexcept {
    core::engine_core& core = core_of(engine);
    core::thread_state& thread = system::this_thread();
    const expired ended = core::expire(core, now, thread);
    core::waiting_room* const room = core::waiting_room::find(core);
    return {.idle = ended.idle,
            .timed_out = ended.timed_out,
            .waits = room == nullptr ? 0 : room->time_out(core, now, thread),
            .reserved = 0};
}
