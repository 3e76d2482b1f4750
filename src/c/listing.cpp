// SPDX-License-Identifier: BSL-1.0
// admit.h: what an engine is doing, and the texts.
#include <vector>

#include "c/convert.hpp"

namespace admit::c {

namespace {

int64_t count_of(time_point instant) noexcept { return instant.time_since_epoch().count(); }

/// Calls `visit` with each of a list, until it returns false.
template <class Element, class Visit>
admit_result visit_each(const std::vector<Element>& list, Visit visit) {
    for (const Element& each : list)
        if (!visit(each)) break;
    return ADMIT_OK;
}

}  // namespace

}  // namespace admit::c

// At the top, where they were declared: in a namespace they would not be exported.
using namespace admit;
using namespace admit::c;

const char* admit_message(admit_result result) noexcept {
    switch (result) {
        case ADMIT_OK: return "done";
        case ADMIT_SHUTTING_DOWN:
        case ADMIT_GLOBAL_LIMIT:
        case ADMIT_INVALID_USER_ID:
        case ADMIT_USER_LIMIT:
        case ADMIT_QUEUE_FULL:
        case ADMIT_USER_QUEUE_FULL:
        case ADMIT_WAIT_TIMEOUT: return error_category().message(result, nullptr, 0);
        case ADMIT_WAITING: return "the request waits";
        case ADMIT_INVALID_ARGUMENT: return "an argument is not allowed";
        case ADMIT_NO_MEMORY: return "no memory";
        case ADMIT_SYSTEM_ERROR: return "the system gives no random key";
        case ADMIT_ENDED: return "the conversation has ended";
    }
    return "unknown result";
}

const char* admit_status_name(admit_status how) noexcept {
    return to_string(status_of(how)).data();  // of a literal
}

size_t admit_active(const admit_engine* engine) noexcept { return engine->engine.active_count(); }

size_t admit_active_of(const admit_engine* engine, const char* user, size_t user_size) noexcept {
    return engine->engine.active_count(text(user, user_size));
}

int64_t admit_retry_after(const admit_engine* engine, const char* user, size_t user_size) noexcept {
    return engine->engine.retry_after(text(user, user_size)).count();
}

int64_t admit_expected_wait(const admit_engine* engine, const char* user, size_t user_size,
                            const admit_request* request) noexcept {
    const auto how = request_of(request);
    if (!how) return -1;
    const auto wait =
        engine->engine.expected_wait(text(user, user_size), {.max_per_user = own_limit_of(*how)});
    return wait ? wait->count() : -1;
}

void admit_get_stats(const admit_engine* engine, admit_stats* stats) noexcept {
    const admit::stats now = engine->engine.stats();
    const rejections& rejected = now.rejected;
    const endings& ended = now.ended;
    write({.size = 0,
           .active = now.active,
           .users = now.users,
           .waiting = now.waiting,
           .admitted = now.admitted,
           .overstayed = now.overstayed,
           .rejected = {0, rejected.shutting_down, rejected.global_limit, rejected.invalid_user_id,
                        rejected.user_limit, rejected.queue_full, rejected.user_queue_full,
                        rejected.wait_timeout},
           .ended = {ended.completed, ended.idle, ended.timed_out, ended.error, ended.drained,
                     ended.cancelled}},
          *stats);
}

admit_result admit_conversations(const admit_engine* engine, const char* user, size_t user_size,
                                 bool (*visit)(void*, const admit_conversation*),
                                 void* data) noexcept {
    return guarded(nullptr, [&] {
        const auto list = user == nullptr && user_size == 0
                              ? engine->engine.conversations()
                              : engine->engine.conversations(text(user, user_size));
        return visit_each(list, [&](const conversation& each) {
            const admit_conversation shown = {.id = id_of(each.id),
                                              .user = each.user.data(),
                                              .user_size = each.user.size(),
                                              .started = count_of(each.started),
                                              .last_activity = count_of(each.last_activity)};
            return visit(data, &shown);
        });
    });
}

admit_result admit_waiters(const admit_engine* engine, const char* user, size_t user_size,
                           bool (*visit)(void*, const admit_waiter*), void* data) noexcept {
    return guarded(nullptr, [&] {
        const auto list = user == nullptr && user_size == 0
                              ? engine->engine.waiters()
                              : engine->engine.waiters(text(user, user_size));
        return visit_each(list, [&](const waiter& each) {
            const admit_waiter shown = {.user = each.user.data(),
                                        .user_size = each.user.size(),
                                        .since = count_of(each.since),
                                        .ahead = each.ahead,
                                        .priority = each.priority};
            return visit(data, &shown);
        });
    });
}
