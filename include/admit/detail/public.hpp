// SPDX-License-Identifier: BSL-1.0
// Marks what a shared library exports; all else is hidden. Every public header uses it. The list of
// what is exported is tests/packaging/symbols.txt. Not for users of the library.
#pragma once

#if defined(__GNUC__) && !defined(_WIN32)
#define ADMIT_PUBLIC [[gnu::visibility("default")]]
#else
#define ADMIT_PUBLIC
#endif
