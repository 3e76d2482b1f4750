// SPDX-License-Identifier: BSL-1.0
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "support/sanitizers.hpp"

#ifdef ADMIT_TEST_THREAD_SANITIZER
/// Asio counts the references to an executor with a fence. ThreadSanitizer does not model fences.
extern "C" const char* __tsan_default_suppressions() {
    return "race:boost::asio::execution::detail::shared_target_executor\n";
}
#endif
