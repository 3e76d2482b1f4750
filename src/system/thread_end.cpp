// SPDX-License-Identifier: BSL-1.0
#include "system/thread_end.hpp"

// Windows has POSIX keys with mingw-w64's threads.
#if __has_include(<pthread.h>) && !defined(ADMIT_PORTABLE)
#define ADMIT_POSIX_KEYS
#include <pthread.h>

#include <atomic>
#include <cstdint>
#endif

namespace admit::system {

#ifdef ADMIT_POSIX_KEYS

// A POSIX key rather than a destructor of a thread_local: to register a destructor allocates, and
// the run-time library aborts if it cannot.
namespace {

constexpr std::uintptr_t no_key = ~std::uintptr_t{0};
constinit std::atomic<std::uintptr_t> shared_key{no_key};

#ifdef __GLIBC__
/// glibc keeps the values of the first 32 keys in the thread itself; for others it allocates.
constexpr std::uintptr_t usable_keys = 32;
#else
constexpr std::uintptr_t usable_keys = no_key;
#endif

extern "C" void admit_thread_end(void* value) {
    thread_ended(static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(value) - 1));
}

/// Deletes the key when the library is unloaded, after which no end of a thread calls into it.
class key_owner {
public:
    key_owner() noexcept : made_{::pthread_key_create(&key_, &admit_thread_end) == 0} {
        const auto number = static_cast<std::uintptr_t>(key_);
        // relaxed, here and below: the number stands for itself.
        if (made_ && number < usable_keys) shared_key.store(number, std::memory_order_relaxed);
    }
    key_owner(const key_owner&) = delete;
    key_owner& operator=(const key_owner&) = delete;
    ~key_owner() {
        shared_key.store(no_key, std::memory_order_relaxed);
        if (made_) ::pthread_key_delete(key_);
    }

private:
    pthread_key_t key_{};
    bool made_;
};

}  // namespace

void prepare_thread_end() noexcept { static const key_owner owner; }

bool call_at_thread_end(unsigned stripe) noexcept {
    const std::uintptr_t key = shared_key.load(std::memory_order_relaxed);
    // For a value of null nothing would be called.
    return key != no_key &&
           ::pthread_setspecific(static_cast<pthread_key_t>(key),
                                 reinterpret_cast<void*>(std::uintptr_t{stripe} + 1)) == 0;
}

#else

namespace {

/// Not in `thread_end`: a destructor that runs later asks too.
constinit thread_local bool over = false;

/// Destroyed with the thread's other variables, and never made again.
struct thread_end {
    bool asked = false;
    unsigned stripe = 0;

    ~thread_end() {
        over = true;
        if (asked) thread_ended(stripe);
    }
};

thread_local thread_end of_thread;

}  // namespace

void prepare_thread_end() noexcept {}

bool call_at_thread_end(unsigned stripe) noexcept {
    if (over) return false;
    of_thread.stripe = stripe;
    of_thread.asked = true;
    return true;
}

#endif

}  // namespace admit::system
