// SPDX-License-Identifier: BSL-1.0
// The version of these headers. Versions follow https://semver.org; docs/CHANGELOG.md says what
// changed.
#pragma once

#include <cstddef>  // names the standard library; <version> could be a file of a user

// Every header includes this one first: what cannot work is refused in a sentence.
#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#error "admit needs C++20: compile with -std=c++20 or newer"
#elif !defined(__GNUC__)
#error "admit needs GCC 11 or newer, or clang 14 or newer"
#elif defined(__clang__) && __clang_major__ < 14
#error "admit needs clang 14 or newer"
#elif !defined(__clang__) && __GNUC__ < 11
#error "admit needs GCC 11 or newer"
#elif defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 190000
#error "admit needs libc++ 19 or newer, the first with std::atomic_ref"
#else
#define ADMIT_COMPILER_IS_KNOWN
#endif
#ifndef ADMIT_COMPILER_IS_KNOWN
// Ends the compilation, which #error does not. Without this its sentence drowns.
#include <admit/see_the_error_above>
#endif

/// Before 1.0.0 a new minor version may break programs; afterwards only a new major version may.
#define ADMIT_VERSION_MAJOR 0
#define ADMIT_VERSION_MINOR 1
#define ADMIT_VERSION_PATCH 0

namespace admit {

/// "major.minor.patch" of the headers that a program is compiled with.
inline constexpr char version[] = "0.1.0";

}  // namespace admit
