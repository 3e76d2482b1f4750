// SPDX-License-Identifier: BSL-1.0
// What a thread makes readable to wake an event loop: one eventfd, or a pair of sockets where there
// is none. No descriptor blocks, and none is inherited by a program that is executed.
#ifndef ADMIT_PYTHON_NATIVE_WAKE_H
#define ADMIT_PYTHON_NATIVE_WAKE_H

#include <stdbool.h>

/// Two ends, which are one descriptor if it is an eventfd. -1: closed.
typedef struct {
    int reading;
    int writing;
} wake;
#define WAKE_CLOSED ((wake){-1, -1})

/// False: with errno set, and both ends closed.
bool wake_open(wake* made);
/// Makes the reading end readable. False: with errno set. A full counter or buffer is no error: it
/// is readable already.
bool wake_send(const wake* to);
/// Makes the reading end unreadable again. False: with errno set.
bool wake_clear(const wake* of);
void wake_close(wake* closed);

#endif
