// SPDX-License-Identifier: BSL-1.0
// Says whether this program was built with a sanitizer. Tests use fewer repetitions then, and skip
// measurements that a sanitizer distorts.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define ADMIT_TEST_ADDRESS_SANITIZER
#elif defined(__SANITIZE_THREAD__)
#define ADMIT_TEST_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADMIT_TEST_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define ADMIT_TEST_THREAD_SANITIZER
#endif
#endif

#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define ADMIT_TEST_UNDEFINED_SANITIZER
#endif
#endif

#if defined(ADMIT_TEST_ADDRESS_SANITIZER) || defined(ADMIT_TEST_THREAD_SANITIZER)
#define ADMIT_TEST_SANITIZED
#endif

namespace support {

#ifdef ADMIT_TEST_SANITIZED
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// Whether a process without a free file descriptor can be tested. UndefinedBehaviorSanitizer of
/// clang asks a pipe whether an object's memory can be read, and reports objects if it gets none.
#ifdef ADMIT_TEST_UNDEFINED_SANITIZER
inline constexpr bool lives_without_descriptors = false;
#else
inline constexpr bool lives_without_descriptors = true;
#endif

/// Whether times can be judged. Sanitizers and coverage add writes to shared cache lines, which
/// makes threads slow each other down.
#ifdef ADMIT_TEST_COVERAGE
inline constexpr bool timed = false;
#else
inline constexpr bool timed = !sanitized;
#endif

/// `usual` repetitions, or `fewer` under a sanitizer.
template <class Number>
constexpr Number repetitions(Number usual, Number fewer) {
    return sanitized ? fewer : usual;
}

}  // namespace support
