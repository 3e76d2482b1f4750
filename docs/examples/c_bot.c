// SPDX-License-Identifier: BSL-1.0
// A bot in C with a loop of its own: requests wait, and the engine wakes the loop. Explained in
// docs/guide/c.md.
#include <admit/admit.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A request that waits. The loop owns it; the callback hands it over.
struct request {
    const char* user;
    admit_result result;
    admit_permit permit;
};

static int wake[2];  // a pipe: the loop reads what callbacks write

/// In the thread that made room. It must not block, so the loop does the work.
static void waited(void* data, admit_result result, const admit_permit* permit) {
    struct request* const request = data;
    request->result = result;
    request->permit = *permit;
    if (write(wake[1], &request, sizeof request) != sizeof request) perror("wake");
}

static void serve(struct request* request) {
    if (request->result != ADMIT_OK) {
        printf("%s: %s\n", request->user, admit_message(request->result));
        return;
    }
    printf("%s: admitted\n", request->user);
    admit_end(&request->permit, ADMIT_COMPLETED);
}

static void ask(admit_engine* engine, struct request* request) {
    admit_request how = ADMIT_REQUEST_INIT;
    admit_wait_handle handle;  // for admit_cancel
    how.wait_at_most = 50 * INT64_C(1000000);
    admit_permit permit;
    const admit_result result = admit_wait(engine, request->user, strlen(request->user), &how,
                                           waited, request, &permit, &handle, NULL);
    if (result == ADMIT_WAITING) {  // the request is the callback's from now on
        printf("%s: waits\n", request->user);
        return;
    }
    request->result = result;
    request->permit = permit;
    serve(request);
}

int main(void) {
    admit_limits limits = ADMIT_LIMITS_INIT;
    limits.max_concurrent = 1;
    admit_engine* engine = NULL;
    admit_error error;
    if (admit_engine_new(&limits, NULL, &engine, &error) != ADMIT_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (pipe(wake) != 0) return 1;

    admit_permit alice;
    if (admit_try_admit(engine, "alice", 5, NULL, &alice) != ADMIT_OK) return 1;
    struct request bob = {.user = "bob"};
    ask(engine, &bob);
    admit_end(&alice, ADMIT_COMPLETED);  // admits bob

    struct request carol = {.user = "carol"};
    ask(engine, &carol);  // bob has the slot until the loop has served the request
    for (int served = 0; served < 2;) {
        struct pollfd readable = {.fd = wake[0], .events = POLLIN};
        if (poll(&readable, 1, 10) > 0) {
            struct request* request = NULL;
            if (read(wake[0], &request, sizeof request) != sizeof request) return 1;
            serve(request);
            ++served;
        }
        admit_expire(engine, admit_now());  // on every turn of the loop, or once a second
    }
    admit_engine_free(engine);
    return 0;
}
