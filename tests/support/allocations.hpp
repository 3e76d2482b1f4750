// SPDX-License-Identifier: BSL-1.0
// Replaces the allocator by one that counts a thread's allocations and fails the requested ones.
// Exactly one source of a program includes it: tests of allocation failures and of fast paths.
// Without a sanitizer it replaces malloc and its relatives, and thereby `operator new`.
// With AddressSanitizer it replaces `operator new`, and a hook counts malloc and its relatives.
// With ThreadSanitizer it replaces `operator new`; other allocations are not seen.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "support/sanitizers.hpp"

namespace support::allocations {

/// volatile: clang assumes that `new` has no side effect that a program can see.
struct thread_account {
    volatile bool armed = false;
    volatile std::uint64_t count = 0;    // allocations since armed
    volatile std::uint64_t fail_at = 0;  // number of the allocation that fails; 0: none
    volatile bool all_after = false;     // later allocations fail as well

    bool fails(std::uint64_t nth) const noexcept {
        return nth == fail_at || (all_after && nth > fail_at);
    }
};

inline constinit thread_local thread_account account;

/// Counts one allocation; false if the allocation has to fail.
inline bool allow() noexcept {
    if (!account.armed) return true;
    account.count = account.count + 1;
    return !account.fails(account.count);
}

/// Counts the calling thread's allocations during its lifetime.
class watch {
public:
    explicit watch(std::uint64_t fail_at = 0, bool all_after = false) noexcept {
        account.count = 0;
        account.fail_at = fail_at;
        account.all_after = all_after;
        account.armed = true;
    }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() { account.armed = false; }
};

/// During its lifetime every allocation of the calling thread fails.
struct shortage : watch {
    shortage() noexcept : watch{1, true} {}
};

/// The number of allocations of the calling thread under its latest `watch`.
inline std::uint64_t count() noexcept { return account.count; }

/// The number of allocations that `body` makes on this thread.
template <class Body>
std::uint64_t count_in(const Body& body) {
    {
        const watch watching;
        body();
    }
    return count();
}

/// Runs `body` with its n-th allocation failing; false if `body` threw `std::bad_alloc`.
template <class Body>
bool survives_failure(std::uint64_t nth, const Body& body) {
    try {
        const watch failing{nth};
        body();
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

}  // namespace support::allocations

#if defined(ADMIT_TEST_SANITIZED)

#if defined(ADMIT_TEST_ADDRESS_SANITIZER)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));

namespace support::allocations {

/// Whether malloc and its relatives are counted, beside `operator new`.
inline constexpr bool sees_malloc = true;

inline void count_malloc(const volatile void*, std::size_t) {
    if (account.armed) account.count = account.count + 1;
}
inline void ignore_free(const volatile void*) {}
inline const int hooks_installed =
    __sanitizer_install_malloc_and_free_hooks(&count_malloc, &ignore_free);

/// Called before the hook counts the allocation, and counts a failing one itself.
inline bool allow_new() noexcept {
    if (!account.armed || !account.fails(account.count + 1)) return true;
    account.count = account.count + 1;
    return false;
}

}  // namespace support::allocations
#else
namespace support::allocations {

inline constexpr bool sees_malloc = false;

inline bool allow_new() noexcept { return allow(); }

}  // namespace support::allocations
#endif

namespace support::allocations {

inline void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (!allow_new()) return nullptr;
    size = (size + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(alignment, size == 0 ? alignment : size);
}

inline void* allocate_or_throw(std::size_t size, std::size_t alignment) {
    void* const memory = allocate(size, alignment);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}

inline constexpr std::size_t default_alignment = alignof(std::max_align_t);

}  // namespace support::allocations

// clang-format off
void* operator new(std::size_t n) { return support::allocations::allocate_or_throw(n, support::allocations::default_alignment); }
void* operator new[](std::size_t n) { return support::allocations::allocate_or_throw(n, support::allocations::default_alignment); }
void* operator new(std::size_t n, std::align_val_t a) { return support::allocations::allocate_or_throw(n, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return support::allocations::allocate_or_throw(n, static_cast<std::size_t>(a)); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return support::allocations::allocate(n, support::allocations::default_alignment); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return support::allocations::allocate(n, support::allocations::default_alignment); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }
// clang-format on

#else

namespace support::allocations {

inline constexpr bool sees_malloc = true;

}  // namespace support::allocations

// glibc's allocator, under the names that glibc reserves for replacements like these.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) noexcept {
    return support::allocations::allow() ? __libc_malloc(size) : nullptr;
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    return support::allocations::allow() ? __libc_calloc(count, size) : nullptr;
}
void* realloc(void* old, std::size_t size) noexcept {
    return support::allocations::allow() ? __libc_realloc(old, size) : nullptr;
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return support::allocations::allow() ? __libc_memalign(alignment, size) : nullptr;
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return support::allocations::allow() ? __libc_memalign(alignment, size) : nullptr;
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
    *memory = support::allocations::allow() ? __libc_memalign(alignment, size) : nullptr;
    return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) noexcept { __libc_free(memory); }
}

#endif
