// SPDX-License-Identifier: BSL-1.0
// admit.h: engines, and the conversations that start now.
#include <admit/version.hpp>
#include <memory>

#include "c/convert.hpp"
#include "engine/limits.hpp"
#include "lifecycle/expiry.hpp"
#include "lifecycle/starting.hpp"
#include "lifecycle/touching.hpp"
#include "system/this_thread.hpp"

struct admit_key {
    admit::user_key key;
};

namespace admit::c {

namespace {

limits limits_of(const admit_limits* given) {
    const admit_limits wanted = known_of("admit_limits", given, ADMIT_LIMITS_INIT);
    return {.max_concurrent = wanted.max_concurrent,
            .max_per_user = wanted.max_per_user,
            .idle_timeout = duration{wanted.idle_timeout},
            .max_duration = duration{wanted.max_duration},
            .max_waiting = wanted.max_waiting,
            .max_waiting_per_user = wanted.max_waiting_per_user};
}

/// Starts a conversation of the user that `user()` gives.
template <class User>
admit_result admit_now(admit_engine* engine, User user, const admit_request* given,
                       admit_permit* permit) noexcept {
    *permit = {};
    const auto request = request_of(given);
    if (!request) return ADMIT_INVALID_ARGUMENT;
    core::engine_core& core = core_of(engine);
    core::thread_state& thread = system::this_thread();
    const core::verdict verdict =
        core::try_start(core, thread, user, core::own_limit(own_limit_of(*request)));
    if (!verdict) return result_of(core::reject(core, verdict.reason, thread));
    *permit = permit_of(verdict, number_of(engine));
    return ADMIT_OK;
}

}  // namespace

}  // namespace admit::c

// At the top, where they were declared: in a namespace they would not be exported.
using namespace admit;
using namespace admit::c;

const char* admit_version() noexcept { return version; }

int64_t admit_now() noexcept { return coarse_clock().now().time_since_epoch().count(); }

admit_result admit_engine_new(const admit_limits* limits, const admit_engine_options* options,
                              admit_engine** engine, admit_error* error) noexcept {
    *engine = nullptr;
    return guarded(error, [&] {
        const engine_options how{
            .histograms =
                known_of("admit_engine_options", options, ADMIT_ENGINE_OPTIONS_INIT).histograms !=
                0};
        *engine = new admit_engine{admit::engine{limits_of(limits), how}};
        return ADMIT_OK;
    });
}

void admit_engine_free(admit_engine* engine) noexcept { delete engine; }

admit_result admit_set_limits(admit_engine* engine, const admit_limits* limits,
                              admit_error* error) noexcept {
    return guarded(error, [&] {
        engine->engine.set_limits(limits_of(limits));
        return ADMIT_OK;
    });
}

void admit_get_limits(const admit_engine* engine, admit_limits* limits) noexcept {
    const admit::limits in_force = engine->engine.limits();
    write({.size = 0,
           .max_concurrent = in_force.max_concurrent,
           .max_per_user = in_force.max_per_user,
           .idle_timeout = in_force.idle_timeout.count(),
           .max_duration = in_force.max_duration.count(),
           .max_waiting = in_force.max_waiting,
           .max_waiting_per_user = in_force.max_waiting_per_user},
          *limits);
}

admit_result admit_try_admit(admit_engine* engine, const char* user, size_t user_size,
                             const admit_request* request, admit_permit* permit) noexcept {
    return admit_now(
        engine, [&] { return core::user_of(core_of(engine).key, text(user, user_size)); }, request,
        permit);
}

admit_result admit_try_admit_key(admit_engine* engine, const admit_key* key,
                                 const admit_request* request, admit_permit* permit) noexcept {
    const auto user = [&] { return detail::access::user_of(key->key, number_of(engine)); };
    return admit_now(engine, user, request, permit);
}

admit_result admit_key_new(admit_engine* engine, const char* user, size_t user_size,
                           admit_key** key) noexcept {
    *key = nullptr;
    return guarded(nullptr, [&] {
        std::unique_ptr<admit_key> made{new admit_key{engine->engine.key(text(user, user_size))}};
        if (made->key.user().empty()) return ADMIT_INVALID_USER_ID;
        *key = made.release();
        return ADMIT_OK;
    });
}

void admit_key_free(admit_key* key) noexcept { delete key; }

bool admit_touch(const admit_permit* permit) noexcept {
    if (permit->place == nullptr) return false;
    const core::slot_ref slot = slot_of(*permit);
    return core::touch(slot, permit->id.generation, slot.group->core->now(), system::this_thread());
}

bool admit_touch_id(admit_engine* engine, const admit_conversation_id* id) noexcept {
    return engine->engine.touch(id_of(*id));
}

bool admit_end(const admit_permit* permit, admit_status how) noexcept {
    if (permit->place == nullptr) return false;
    return core::end_as(slot_of(*permit), permit->id.generation, core::valid(status_of(how)),
                        system::this_thread())
        .ended;
}

bool admit_end_id(admit_engine* engine, const admit_conversation_id* id,
                  admit_status how) noexcept {
    return engine->engine.end(id_of(*id), status_of(how));
}

size_t admit_end_user(admit_engine* engine, const char* user, size_t user_size,
                      admit_status how) noexcept {
    return engine->engine.end(text(user, user_size), status_of(how));
}

int64_t admit_remaining(const admit_permit* permit) noexcept {
    if (permit->place == nullptr) return 0;
    return core::remaining(slot_of(*permit), permit->id.generation);
}
