// What the scenarios for GenMC share: its threads and its assertions. Each scenario is a program of
// its own, with everything shared in globals. Plain data needs no checks, as GenMC reports races.
#pragma once

extern "C" {
long __VERIFIER_thread_create(const void* attributes, void* (*body)(void*),
                              void* argument) noexcept;
void* __VERIFIER_thread_join(long thread) noexcept;
void __VERIFIER_assert_fail(const char* what, const char* file, int line) noexcept;
}

namespace scenario {

/// What has to hold.
inline void check(bool condition, const char* what) {
    if (!condition) __VERIFIER_assert_fail(what, "", 0);
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

/// Takes a free slot, whoever else is there.
template <class Word>
auto take_any(Word& slots) {
    bool contended = false;
    return slots.take_any(contended);
}

}  // namespace scenario
