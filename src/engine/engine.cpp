// SPDX-License-Identifier: BSL-1.0
#include <admit/detail/engine_ref.hpp>
#include <admit/engine.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <optional>
#include <span>
#include <thread>

#include "engine/access.hpp"
#include "engine/inspection.hpp"
#include "engine/limits.hpp"
#include "engine/shutdown.hpp"
#include "lifecycle/expiry.hpp"
#include "lifecycle/starting.hpp"
#include "lifecycle/touching.hpp"
#include "state/engine_registry.hpp"
#include "system/large_pages.hpp"
#include "system/random_key.hpp"
#include "system/this_thread.hpp"
#include "waiting/waiting_room.hpp"

namespace admit {

namespace {

/// How many groups of slots a small engine has, so that each processor core finds room in one. The
/// system is asked once: glibc opens a file for each answer.
unsigned wanted_homes() noexcept {
    static const unsigned homes = std::bit_ceil(std::max(1U, std::thread::hardware_concurrency()));
    return homes;
}

std::uint64_t next_engine_number() noexcept {
    static constinit std::atomic<std::uint64_t> last{0};
    // relaxed: a number that guards no data.
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// Allocates for the limits. Throws `std::bad_alloc`, and then nothing visible has changed.
void prepare(core::engine_core& core, const limits& limits) {
    core.users.prepare(limits.max_concurrent, limits.max_waiting, system::ask_for_large_pages);
    core.pool.prepare(limits.max_concurrent, wanted_homes(), &core);
}

core::count_limits counts_of(std::size_t all, std::size_t per_user) noexcept {
    return {.total = static_cast<std::uint32_t>(all),
            .per_user = static_cast<std::uint32_t>(per_user)};
}

/// Puts limits into force that were checked and prepared for.
void apply(core::engine_core& core, const limits& limits) noexcept {
    core.settings.replace_timeouts(limits.idle_timeout.count(), limits.max_duration.count());
    core.settings.replace_waiting(counts_of(limits.max_waiting, limits.max_waiting_per_user));
    const core::count_limits before =
        core.pool.set_limits(counts_of(limits.max_concurrent, limits.max_per_user));
    if (before.per_user < limits.max_per_user) core::refresh_all(core);
}

/// The core of a new engine, from the registry or new, with its limits in force. Strong guarantee.
core::engine_core* make_core(const limits& limits, const engine_options& options) {
    check(limits);
    system::prepare_threads();
    const auto [k0, k1] = system::random_key();
    core::engine_core& core = core::engine_registry::take(options.histograms);
    try {
        if (options.histograms) core::attachment::require<core::timings>(core.lengths).reset();
        prepare(core, limits);
    } catch (...) {
        core.lifetime.drop_engine(0);
        throw;
    }
    // relaxed, here and below: published with the engine itself. A permit of an earlier engine may
    // read them, too; any value is right for it.
    core.number.store(next_engine_number(), core::memory_order_relaxed);
    core.begun = core.all_begun();
    core.key = {k0, k1};
    core.resolution.store(options.clock.resolution.count(), core::memory_order_relaxed);
    core.clock.store(options.clock.now, std::memory_order_relaxed);
    apply(core, limits);
    return &core;
}

std::uint64_t number_of(const core::engine_core& core) noexcept {
    // relaxed: written before any other thread could reach the engine.
    return core.number.load(core::memory_order_relaxed);
}

/// The slot that an id names, if this engine has such a slot.
std::optional<core::slot_ref> slot_of(const core::engine_core& core,
                                      const conversation_id& id) noexcept {
    const bool known = id.slot / core::slots_per_group < core.pool.groups().count() &&
                       core::conversation_word::is_generation(id.generation);
    if (id.engine != number_of(core) || !known) return std::nullopt;
    return core.pool.groups().slot(id.slot);
}

/// Starts a conversation of the user that `user()` gives, or counts the rejection.
template <class User>
[[gnu::always_inline]] inline boost::system::result<permit> admit_now(
    core::engine_core& core, User user,
    std::optional<std::uint32_t> own_limit = std::nullopt) noexcept {
    core::thread_state& thread = system::this_thread();
    const core::verdict verdict = core::try_start(core, thread, user, own_limit);
    if (!verdict) return core::reject(core, verdict.reason, thread);
    return detail::access::make_permit(verdict, number_of(core));
}

/// Ends the conversations of a user. They are listed first, as many as fit, so that a request of
/// the user that an ending admits is not ended as well.
std::size_t end_all_of(core::engine_core& core, const core::user_ref& user, status how) noexcept {
    struct listed {
        core::slot_ref slot;
        std::uint64_t generation;
    };
    std::array<listed, 64> list;
    std::size_t count = 0;
    std::size_t ended = 0;
    core::thread_state& thread = system::this_thread();
    const auto end_listed = [&] {
        for (const listed& each : std::span{list}.first(count))
            if (core::end_and_notify(each.slot, each.generation, core::valid(how), core.now(),
                                     thread))
                ++ended;
        count = 0;
    };
    core.pool.for_each_taken([&](core::slot_ref slot) {
        const auto seen = slot.record().conversation.read();
        // Only an active conversation has a lane of this engine. If it ends meanwhile, and the lane
        // passes to another user, then it cannot be ended any more.
        // acquire: edge end -> read.
        if (!seen.active() ||
            slot.record().user.load(core::memory_order_acquire)->tag() != user.tag)
            return;
        list[count++] = {slot, seen.generation()};
        if (count == list.size()) end_listed();
    });
    end_listed();
    return ended;
}

}  // namespace

engine::engine(const admit::limits& limits, const engine_options& options)
    : core_{make_core(limits, options)} {}

engine::~engine() { core::shut_down(*core_, system::this_thread()); }

boost::system::result<permit> engine::try_admit(std::string_view user) noexcept {
    return admit_now(*core_, [&] { return core::user_of(core_->key, user); });
}

boost::system::result<permit> engine::try_admit(const user_key& user) noexcept {
    return admit_now(*core_, [&] { return detail::access::user_of(user, number_of(*core_)); });
}

boost::system::result<permit> engine::try_admit(std::string_view user,
                                                admit_options options) noexcept {
    return admit_now(
        *core_, [&] { return core::user_of(core_->key, user); },
        core::own_limit(options.max_per_user));
}

boost::system::result<permit> engine::try_admit(const user_key& user,
                                                admit_options options) noexcept {
    return admit_now(
        *core_, [&] { return detail::access::user_of(user, number_of(*core_)); },
        core::own_limit(options.max_per_user));
}

user_key engine::key(std::string_view user) const {
    user_key key;
    const core::user_ref found = core::user_of(core_->key, user);
    if (!found) return key;
    key.user_ = user;
    key.engine_ = number_of(*core_);
    key.tag_ = found.tag;
    return key;
}

bool engine::touch(const conversation_id& id) noexcept {
    const auto now = core_->now();
    const auto slot = slot_of(*core_, id);
    return slot && core::touch(*slot, id.generation, now, system::this_thread());
}

bool engine::end(const conversation_id& id, status how) noexcept {
    const auto slot = slot_of(*core_, id);
    return slot && core::end_and_notify(*slot, id.generation, core::valid(how), core_->now(),
                                        system::this_thread());
}

std::size_t engine::end_all(std::string_view user, status how) noexcept {
    const core::user_ref found = core::user_of(core_->key, user);
    return found ? end_all_of(*core_, found, how) : 0;
}

std::size_t engine::end_all(const user_key& user, status how) noexcept {
    const core::user_ref found = detail::access::user_of(user, number_of(*core_));
    return found ? end_all_of(*core_, found, how) : 0;
}

expired engine::expire(time_point now) noexcept {
    return core::expire(*core_, now.time_since_epoch().count(), system::this_thread());
}

void engine::set_limits(const admit::limits& limits) {
    check(limits);
    prepare(*core_, limits);
    apply(*core_, limits);
    core::serve(*core_, system::this_thread());
}

limits engine::limits() const noexcept { return core::read_limits(*core_); }

std::size_t engine::active_count() const noexcept { return core::active_count(*core_); }

std::size_t engine::active_count(std::string_view user) const noexcept {
    const core::user_ref found = core::user_of(core_->key, user);
    return found ? core_->users.state_of(found.tag).active() : 0;
}

duration engine::retry_after(std::string_view user) const noexcept {
    const core::user_ref found = core::user_of(core_->key, user);
    if (!found || core_->pool.gate().read().closed()) return never;
    const core::nanos now = core_->now();
    const core::nanos room = core::earliest_room(*core_, found.tag, system::this_thread());
    if (room == never.count()) return never;
    return duration{std::max<core::nanos>(room - now, 0)};
}

std::optional<duration> engine::expected_wait(std::string_view user,
                                              admit_options options) const noexcept {
    const core::user_ref found = core::user_of(core_->key, user);
    if (!found || core_->pool.gate().read().closed()) return std::nullopt;
    const auto wait = core::expected_wait(*core_, found.tag, core::own_limit(options.max_per_user),
                                          system::this_thread());
    if (!wait) return std::nullopt;
    return duration{*wait};
}

stats engine::stats() const noexcept { return core::read_stats(*core_); }

std::vector<conversation> engine::conversations() const { return core::list(*core_, std::nullopt); }

std::vector<conversation> engine::conversations(std::string_view user) const {
    return core::list(*core_, user);
}

std::vector<waiter> engine::waiters() const {
    const core::waiting_room* const room = core::waiting_room::find(*core_);
    return room == nullptr ? std::vector<waiter>{} : room->list(std::nullopt);
}

std::vector<waiter> engine::waiters(std::string_view user) const {
    const core::waiting_room* const room = core::waiting_room::find(*core_);
    return room == nullptr ? std::vector<waiter>{} : room->list(user);
}

void engine::close() noexcept {
    core_->pool.gate().close();
    core::serve(*core_, system::this_thread());
}

detail::engine_ref::engine_ref(engine& engine) noexcept
    : core_{engine.core_}, number_{number_of(*core_)} {}

bool detail::engine_ref::alive() const noexcept {
    // relaxed: nothing else is read by it.
    return core_->number.load(core::memory_order_relaxed) == number_;
}

}  // namespace admit
