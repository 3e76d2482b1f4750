// SPDX-License-Identifier: BSL-1.0
// A shared object that holds the library is unloaded, and threads that used it end afterwards.
// ADMIT_PLUGIN names it. g++ keeps it loaded by its unique symbols; clang has none.
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <latch>
#include <thread>

namespace {

/// Loads the plugin, uses it on a thread, unloads it, and only then lets the thread end. Returns
/// what the plugin counted.
unsigned long long load_and_unload(const char* path) {
    void* const plugin = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(plugin != nullptr);
    const auto use =
        reinterpret_cast<unsigned long long (*)()>(::dlsym(plugin, "admit_plugin_use"));
    REQUIRE((use != nullptr));
    unsigned long long counted = 0;
    std::latch used{1};
    std::latch unloaded{1};
    std::thread user{[&] {
        counted = use();
        used.count_down();
        unloaded.wait();
    }};
    used.wait();
    const int failed = ::dlclose(plugin);
    unloaded.count_down();
    user.join();
    CHECK(failed == 0);
    return counted;
}

}  // namespace

TEST_CASE("a plugin is loaded more often than a process has keys of threads") {
    const char* const path = std::getenv("ADMIT_PLUGIN");
    REQUIRE(path != nullptr);
    for (int i = 0; i < 1100; ++i) REQUIRE(load_and_unload(path) == 1);
#ifdef __clang__
    CHECK(::dlopen(path, RTLD_NOW | RTLD_NOLOAD) == nullptr);
#endif
}
