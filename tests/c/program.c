// SPDX-License-Identifier: BSL-1.0
// Every function of admit.h, in one thread. Compiled as C11 and as C++.
#include <admit/admit.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                   \
    do {                                                                   \
        if (!(condition)) {                                                \
            ++failures;                                                    \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                  \
    } while (0)

#ifdef __cplusplus
#define AS(type, pointer) static_cast<type>(pointer)
#else
#define AS(type, pointer) ((type)(pointer))
#endif

static const int64_t second = INT64_C(1000000000);

static admit_engine* make_engine(size_t all, size_t per_user) {
    admit_limits limits = ADMIT_LIMITS_INIT;
    admit_engine* engine = NULL;
    limits.max_concurrent = all;
    limits.max_per_user = per_user;
    CHECK(admit_engine_new(&limits, NULL, &engine, NULL) == ADMIT_OK);
    return engine;
}

static admit_result try_admit(admit_engine* engine, const char* user, admit_permit* permit) {
    return admit_try_admit(engine, user, strlen(user), NULL, permit);
}

/// What a callback was told.
typedef struct heard {
    int calls;
    admit_result result;
    admit_permit permit;
    admit_status how;
    int released;
} heard;

static const heard nothing = {0, ADMIT_OK, {{0, 0, 0}, NULL}, ADMIT_COMPLETED, 0};

static void waited(void* data, admit_result result, const admit_permit* permit) {
    heard* const to = AS(heard*, data);
    ++to->calls;
    to->result = result;
    to->permit = *permit;
}
static void told(void* data, admit_status how) {
    heard* const to = AS(heard*, data);
    ++to->calls;
    to->how = how;
}
static void released(void* data) { ++AS(heard*, data)->released; }

static admit_result wait_for(admit_engine* engine, const char* user, int64_t at_most, heard* to,
                             admit_wait_handle* handle) {
    admit_request request = ADMIT_REQUEST_INIT;
    request.wait_at_most = at_most;
    return admit_wait(engine, user, strlen(user), &request, waited, to, &to->permit, handle, NULL);
}

static void test_texts(void) {
    CHECK(strcmp(admit_version(), "0.1.0") == 0);
    CHECK(strcmp(admit_message(ADMIT_USER_LIMIT),
                 "this user's limit on conversations is reached") == 0);
    CHECK(strcmp(admit_message(ADMIT_WAITING), "the request waits") == 0);
    CHECK(strcmp(admit_message(99), "unknown result") == 0);
    CHECK(strcmp(admit_status_name(ADMIT_TIMED_OUT), "timed_out") == 0);
    CHECK(strcmp(admit_status_name(99), "unknown") == 0);
    CHECK(strcmp(admit_status_name(-1), "unknown") == 0);
    for (int i = 0; i <= ADMIT_WAIT_TIMEOUT; ++i) CHECK(admit_message(i)[0] != '\0');
}

static void test_limits(void) {
    admit_limits limits = ADMIT_LIMITS_INIT;
    char place = 0;
    void* const other = &place;
    admit_engine* engine = AS(admit_engine*, other);
    admit_error error;
    limits.max_concurrent = ADMIT_UNLIMITED + 1;
    CHECK(admit_engine_new(&limits, NULL, &engine, &error) == ADMIT_INVALID_ARGUMENT);
    CHECK(engine == NULL);
    CHECK(strcmp(error.text, "admit::limits::max_concurrent is 2000001; allowed is 0 to 2000000") ==
          0);
    CHECK(admit_engine_new(NULL, NULL, &engine, &error) == ADMIT_OK);
    CHECK(error.text[0] == '\0');
    admit_get_limits(engine, &limits);
    CHECK(limits.size == sizeof limits && limits.max_concurrent == 10 && limits.max_per_user == 3);
    CHECK(limits.idle_timeout == 300 * second && limits.max_duration == 600 * second);
    CHECK(limits.max_waiting == 1024 && limits.max_waiting_per_user == 16);
    limits.idle_timeout = 0;
    CHECK(admit_set_limits(engine, &limits, &error) == ADMIT_INVALID_ARGUMENT);
    CHECK(strstr(error.text, "idle_timeout is 0 ns") != NULL);
    limits.idle_timeout = ADMIT_NEVER;
    limits.max_per_user = 1;
    CHECK(admit_set_limits(engine, &limits, NULL) == ADMIT_OK);
    admit_engine_free(engine);
    admit_engine_free(NULL);
}

/// Programs that were compiled with other versions.
static void test_sizes_of_structs(void) {
    struct {
        admit_limits known;
        uint64_t added;
    } later = {ADMIT_LIMITS_INIT, 0};
    admit_limits limits = ADMIT_LIMITS_INIT;
    admit_request request = ADMIT_REQUEST_INIT;
    admit_permit permit;
    admit_engine* engine = NULL;
    admit_error error;
    admit_stats stats;
    limits.size = 0;
    CHECK(admit_engine_new(&limits, NULL, &engine, &error) == ADMIT_INVALID_ARGUMENT);
    CHECK(strncmp(error.text, "admit_limits.size is 0; allowed is ", 35) == 0);
    later.known.size = sizeof later;
    later.added = 1;
    CHECK(admit_engine_new(&later.known, NULL, &engine, NULL) == ADMIT_INVALID_ARGUMENT);
    later.added = 0;
    CHECK(admit_engine_new(&later.known, NULL, &engine, NULL) == ADMIT_OK);
    request.size = 12;
    CHECK(admit_try_admit(engine, "alice", 5, &request, &permit) == ADMIT_INVALID_ARGUMENT);
    CHECK(permit.place == NULL && admit_expected_wait(engine, "alice", 5, &request) == -1);
    memset(&stats, 0x55, sizeof stats);
    stats.size = offsetof(admit_stats, users);
    admit_get_stats(engine, &stats);
    CHECK(stats.size == offsetof(admit_stats, users) && stats.active == 0 && stats.users != 0);
    admit_engine_free(engine);
}

static void test_conversations(void) {
    admit_engine* const engine = make_engine(3, 2);
    admit_permit first, second_one, third, none;
    admit_key* key = NULL;
    admit_request request = ADMIT_REQUEST_INIT;
    CHECK(try_admit(engine, "alice", &first) == ADMIT_OK);
    CHECK(try_admit(engine, "alice", &second_one) == ADMIT_OK);
    CHECK(try_admit(engine, "alice", &none) == ADMIT_USER_LIMIT);
    request.max_per_user = 3;
    CHECK(admit_try_admit(engine, "alice", 5, &request, &third) == ADMIT_OK);
    CHECK(try_admit(engine, "bob", &none) == ADMIT_GLOBAL_LIMIT);
    CHECK(admit_active(engine) == 3 && admit_active_of(engine, "alice", 5) == 3);
    CHECK(admit_retry_after(engine, "bob", 3) > 200 * second);
    CHECK(admit_expected_wait(engine, "bob", 3, NULL) == -1);  // no histograms

    CHECK(admit_touch(&first) && admit_touch_id(engine, &first.id));
    CHECK(admit_remaining(&first) > 200 * second);
    CHECK(admit_end(&first, ADMIT_COMPLETED) && !admit_end(&first, ADMIT_COMPLETED));
    CHECK(!admit_touch(&first) && !admit_touch_id(engine, &first.id));
    CHECK(admit_remaining(&first) == 0);
    CHECK(admit_end_id(engine, &second_one.id, -1));
    CHECK(!admit_end_id(engine, &second_one.id, ADMIT_COMPLETED));
    CHECK(admit_try_admit(engine, "", 0, NULL, &none) == ADMIT_INVALID_USER_ID);
    CHECK(admit_try_admit(engine, NULL, 0, NULL, &none) == ADMIT_INVALID_USER_ID);

    CHECK(admit_key_new(engine, "", 0, &key) == ADMIT_INVALID_USER_ID && key == NULL);
    CHECK(admit_key_new(engine, "alice", 5, &key) == ADMIT_OK);
    CHECK(admit_try_admit_key(engine, key, NULL, &first) == ADMIT_OK);
    CHECK(admit_try_admit_key(engine, key, NULL, &none) == ADMIT_USER_LIMIT);
    CHECK(admit_end_user(engine, "alice", 5, ADMIT_CANCELLED) == 2);
    admit_key_free(key);
    admit_key_free(NULL);

    admit_stats stats = ADMIT_STATS_INIT;
    admit_get_stats(engine, &stats);
    CHECK(stats.active == 0 && stats.users == 0 && stats.admitted == 4);
    CHECK(stats.rejected[ADMIT_USER_LIMIT] == 2 && stats.rejected[ADMIT_GLOBAL_LIMIT] == 1);
    CHECK(stats.rejected[ADMIT_INVALID_USER_ID] == 2 && stats.rejected[ADMIT_OK] == 0);
    CHECK(stats.ended[ADMIT_COMPLETED] == 1 && stats.ended[ADMIT_ERROR] == 1);
    CHECK(stats.ended[ADMIT_CANCELLED] == 2);

    memset(&none, 0, sizeof none);
    CHECK(!admit_end(&none, ADMIT_COMPLETED) && !admit_touch(&none) && admit_remaining(&none) == 0);
    CHECK(try_admit(engine, "alice", &first) == ADMIT_OK);
    admit_engine_free(engine);
    CHECK(!admit_end(&first, ADMIT_COMPLETED));  // a permit may outlive its engine
}

static void test_waiting(void) {
    admit_engine* const engine = make_engine(1, 1);
    admit_permit active, none;
    heard a = nothing, b = nothing, c = nothing;
    admit_wait_handle handle, second_handle, unused;
    admit_request request = ADMIT_REQUEST_INIT;
    admit_error error;

    CHECK(wait_for(engine, "alice", ADMIT_NEVER, &a, &handle) == ADMIT_OK && a.calls == 0);
    active = a.permit;
    CHECK(wait_for(engine, "bob", 0, &b, &handle) == ADMIT_GLOBAL_LIMIT);
    CHECK(wait_for(engine, "bob", ADMIT_NEVER, &b, &handle) == ADMIT_WAITING);
    CHECK(wait_for(engine, "carol", second, &c, &second_handle) == ADMIT_WAITING);
    CHECK(b.calls == 0 && c.calls == 0);

    request.priority = 4;
    CHECK(admit_wait(engine, "dave", 4, &request, waited, &a, &none, &unused, &error) ==
          ADMIT_INVALID_ARGUMENT);
    CHECK(strcmp(error.text, "admit::admit_request.priority is 4; allowed is 0 to 3") == 0);
    request.priority = 0;
    request.max_per_user = 0;
    CHECK(admit_wait(engine, "dave", 4, &request, waited, &a, &none, &unused, NULL) ==
          ADMIT_USER_LIMIT);

    CHECK(admit_expire(engine, admit_now()).waits == 0);
    CHECK(admit_expire(engine, admit_now() + second).waits == 0);  // the clock may be behind
    CHECK(admit_expire(engine, admit_now() + 2 * second).waits == 1);
    CHECK(c.calls == 1 && c.result == ADMIT_WAIT_TIMEOUT && c.permit.place == NULL);
    CHECK(!admit_cancel(&second_handle));
    CHECK(admit_end(&active, ADMIT_COMPLETED));
    CHECK(b.calls == 1 && b.result == ADMIT_OK && !admit_cancel(&handle));

    CHECK(wait_for(engine, "carol", ADMIT_NEVER, &c, &handle) == ADMIT_WAITING);
    CHECK(admit_cancel(&handle) && !admit_cancel(&handle));
    CHECK(admit_end(&b.permit, ADMIT_COMPLETED));
    CHECK(c.calls == 1 && admit_active(engine) == 0);

    CHECK(try_admit(engine, "alice", &active) == ADMIT_OK);
    CHECK(wait_for(engine, "carol", ADMIT_NEVER, &c, &handle) == ADMIT_WAITING);
    admit_engine_free(engine);
    CHECK(c.calls == 2 && c.result == ADMIT_SHUTTING_DOWN && !admit_cancel(&handle));
}

static bool count_conversation(void* data, const admit_conversation* each) {
    CHECK(each->user_size == 5 && memcmp(each->user, "alice", 5) == 0);
    CHECK(each->last_activity >= each->started && each->id.engine != 0);
    ++*AS(int*, data);
    return true;
}
static bool first_waiter(void* data, const admit_waiter* each) {
    CHECK(each->user_size == 3 && memcmp(each->user, "bob", 3) == 0);
    CHECK(each->priority == 2 && each->ahead == 0 && each->since > 0);
    ++*AS(int*, data);
    return false;
}

static void test_listings(void) {
    admit_engine* const engine = make_engine(2, 2);
    admit_permit permit;
    admit_wait_handle handle;
    heard waiter = nothing;
    admit_request request = ADMIT_REQUEST_INIT;
    int listed = 0, waiting = 0, none = 0;
    CHECK(try_admit(engine, "alice", &permit) == ADMIT_OK);
    CHECK(try_admit(engine, "alice", &permit) == ADMIT_OK);
    CHECK(wait_for(engine, "carol", ADMIT_NEVER, &waiter, &handle) == ADMIT_WAITING);
    request.priority = 2;
    CHECK(admit_wait(engine, "bob", 3, &request, waited, &waiter, &permit, &handle, NULL) ==
          ADMIT_WAITING);
    CHECK(admit_conversations(engine, NULL, 0, count_conversation, &listed) == ADMIT_OK);
    CHECK(admit_conversations(engine, "bob", 3, count_conversation, &none) == ADMIT_OK);
    CHECK(admit_waiters(engine, NULL, 0, first_waiter, &waiting) == ADMIT_OK);
    CHECK(admit_waiters(engine, "alice", 5, first_waiter, &none) == ADMIT_OK);
    CHECK(listed == 2 && waiting == 1 && none == 0);
    admit_engine_free(engine);
    CHECK(waiter.calls == 2);
}

static void test_supervision(void) {
    admit_engine* const engine = make_engine(4, 4);
    admit_permit permit, other, idle, gone;
    admit_supervision *supervision = NULL, *second_one = NULL;
    heard a = nothing, b = nothing, c = nothing, d = nothing;
    admit_ending ending;

    // Told when it was idle, and ended in time.
    CHECK(try_admit(engine, "alice", &permit) == ADMIT_OK);
    CHECK(admit_supervise(&permit, second, told, released, &a, &supervision) == ADMIT_OK);
    int64_t now = admit_now() + 301 * second;
    CHECK(admit_expire(engine, now).idle == 1 && a.calls == 1 && a.how == ADMIT_IDLE);
    CHECK(admit_active(engine) == 1 && !admit_touch(&permit));
    ending = admit_unsupervise(supervision, ADMIT_COMPLETED);
    CHECK(ending.status == ADMIT_IDLE && ending.told && !ending.overstayed && a.released == 1);
    CHECK(ending.ended);
    CHECK(admit_active(engine) == 0);

    // Not in time.
    CHECK(try_admit(engine, "alice", &idle) == ADMIT_OK);
    CHECK(admit_supervise(&idle, 0, told, released, &b, &supervision) == ADMIT_OK);
    now = admit_now() + 301 * second;
    CHECK(admit_expire(engine, now).idle == 1 && b.calls == 1);
    admit_expire(engine, now);
    CHECK(admit_active(engine) == 0 && b.calls == 1);
    ending = admit_unsupervise(supervision, ADMIT_COMPLETED);
    CHECK(ending.status == ADMIT_IDLE && ending.told && ending.overstayed && b.released == 1);

    // Ended by another call, and by the caller.
    CHECK(try_admit(engine, "alice", &other) == ADMIT_OK);
    CHECK(admit_supervise(&other, 0, told, released, &c, &supervision) == ADMIT_OK);
    CHECK(admit_end_id(engine, &other.id, ADMIT_CANCELLED) && c.how == ADMIT_CANCELLED);
    ending = admit_unsupervise(supervision, ADMIT_COMPLETED);
    CHECK(ending.status == ADMIT_CANCELLED && ending.told && !ending.overstayed);
    CHECK(!ending.ended);
    CHECK(admit_supervise(&other, 0, told, released, &c, &supervision) == ADMIT_ENDED);
    CHECK(supervision == NULL && c.released == 2 && c.calls == 1);
    CHECK(try_admit(engine, "alice", &other) == ADMIT_OK);
    CHECK(admit_supervise(&other, ADMIT_NEVER, NULL, NULL, NULL, &supervision) == ADMIT_OK);
    CHECK(admit_supervise(&other, 0, told, released, &d, &second_one) == ADMIT_INVALID_ARGUMENT);
    CHECK(second_one == NULL && d.released == 1);
    d = nothing;
    ending = admit_unsupervise(supervision, ADMIT_ERROR);
    CHECK(ending.status == ADMIT_ERROR && ending.ended && !ending.told && !ending.overstayed);
    CHECK(try_admit(engine, "alice", &other) == ADMIT_OK);
    CHECK(admit_supervise(&other, 0, NULL, NULL, NULL, &supervision) == ADMIT_OK);
    CHECK(admit_end(&other, ADMIT_ERROR));  // by its permit: it is not told
    ending = admit_unsupervise(supervision, ADMIT_COMPLETED);
    CHECK(!ending.ended && !ending.told);

    // The engine goes first.
    CHECK(try_admit(engine, "alice", &gone) == ADMIT_OK);
    CHECK(admit_supervise(&gone, second, told, released, &d, &supervision) == ADMIT_OK);
    admit_engine_free(engine);
    CHECK(d.calls == 1 && d.how == ADMIT_DRAINED && d.released == 0);
    ending = admit_unsupervise(supervision, ADMIT_COMPLETED);
    CHECK(ending.status == ADMIT_DRAINED && ending.told && d.released == 1);
    memset(&gone, 0, sizeof gone);
    CHECK(admit_supervise(&gone, 0, told, released, &d, &supervision) == ADMIT_ENDED);
}

static void test_drain(void) {
    admit_engine* const engine = make_engine(3, 3);
    admit_permit plain, supervised, none;
    admit_supervision* supervision = NULL;
    admit_wait_handle handle;
    heard idle = nothing, body = nothing;
    CHECK(try_admit(engine, "alice", &plain) == ADMIT_OK);
    CHECK(try_admit(engine, "bob", &supervised) == ADMIT_OK);
    CHECK(admit_supervise(&supervised, second, told, released, &body, &supervision) == ADMIT_OK);
    CHECK(admit_wait_idle(engine, waited, &idle, &handle) == ADMIT_WAITING && idle.calls == 0);
    admit_close(engine);
    CHECK(try_admit(engine, "carol", &none) == ADMIT_SHUTTING_DOWN && none.place == NULL);
    const int64_t again = admit_cut_off(engine);
    CHECK(again > admit_now() && again <= admit_now() + second);
    CHECK(admit_active(engine) == 1 && body.how == ADMIT_DRAINED && idle.calls == 0);
    CHECK(!admit_end(&plain, ADMIT_COMPLETED));
    admit_unsupervise(supervision, ADMIT_COMPLETED);
    CHECK(admit_cut_off(engine) == ADMIT_NEVER);
    CHECK(idle.calls == 1 && idle.result == ADMIT_OK && !admit_cancel(&handle));
    admit_engine_free(engine);
}

int main(void) {
    test_texts();
    test_limits();
    test_sizes_of_structs();
    test_conversations();
    test_waiting();
    test_listings();
    test_supervision();
    test_drain();
    if (failures == 0) printf("all of admit.h works\n");
    return failures == 0 ? 0 : 1;
}
