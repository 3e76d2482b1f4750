// SPDX-License-Identifier: BSL-1.0
// What the scenarios for GenMC share: threads and assertions. Each scenario is a program with its
// shared state in globals. Plain data needs no checks, since GenMC reports races.
#pragma once

extern "C" {
long __VERIFIER_thread_create(const void* attributes, void* (*body)(void*),
                              void* argument) noexcept;
void* __VERIFIER_thread_join(long thread) noexcept;
void __VERIFIER_assert_fail(const char* message, const char* file, int line) noexcept;
}

namespace scenario {

/// Fails the scenario with this message unless the condition holds.
inline void check(bool condition, const char* message) {
    if (!condition) __VERIFIER_assert_fail(message, "", 0);
}

template <void (*Body)()>
void* thread(void*) {
    Body();
    return nullptr;
}

/// Runs one thread for each body, and waits for them.
template <void (*... Bodies)()>
void run() {
    long threads[sizeof...(Bodies)];
    long* next = threads;
    ((*next++ = __VERIFIER_thread_create(nullptr, thread<Bodies>, nullptr)), ...);
    for (const long each : threads) __VERIFIER_thread_join(each);
}

/// Takes a free slot; 0 if there is none.
template <class Word>
auto take_any(Word& slots) {
    bool contended = false;
    return slots.take_any(contended);
}

}  // namespace scenario
