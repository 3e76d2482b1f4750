// SPDX-License-Identifier: BSL-1.0
// ADMIT_PYTHON_NO_EVENTFD leaves eventfd out where it is there: the way of other systems, for
// tests.
#include "wake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined __has_include && !defined ADMIT_PYTHON_NO_EVENTFD
#if __has_include(<sys/eventfd.h>)
#include <sys/eventfd.h>
#endif
#endif

/// By fcntl: systems without eventfd may lack SOCK_CLOEXEC as well.
static bool set_up(int descriptor) {
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
           fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0;
}

static bool open_pair(wake* made) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return false;
    *made = (wake){.reading = ends[0], .writing = ends[1]};
    if (set_up(ends[0]) && set_up(ends[1])) return true;
    const int failed = errno;
    wake_close(made);
    errno = failed;
    return false;
}

bool wake_open(wake* made) {
    *made = WAKE_CLOSED;
#ifdef EFD_CLOEXEC
    made->reading = made->writing = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->reading >= 0 || errno != ENOSYS) return made->reading >= 0;
#endif
    return open_pair(made);
}

bool wake_send(const wake* to) {
    const uint64_t one = 1;  // an eventfd takes eight bytes, for a socket one does
    const size_t size = to->reading == to->writing ? sizeof one : 1;
    return write(to->writing, &one, size) >= 0 || errno == EAGAIN || errno == EWOULDBLOCK;
}

bool wake_clear(const wake* of) {
    char bytes[64];  // more than an eventfd gives, so it is read once
    ssize_t count;
    do count = read(of->reading, bytes, sizeof bytes);
    while (count == (ssize_t)sizeof bytes);
    return count >= 0 || errno == EAGAIN || errno == EWOULDBLOCK;
}

void wake_close(wake* closed) {
    if (closed->writing != closed->reading) close(closed->writing);
    if (closed->reading >= 0) close(closed->reading);
    *closed = WAKE_CLOSED;
}
