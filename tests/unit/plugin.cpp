// SPDX-License-Identifier: BSL-1.0
// A shared object that holds the library; unloading.cpp loads and unloads it.
#include <admit/engine.hpp>

extern "C" __attribute__((visibility("default"))) unsigned long long admit_plugin_use() {
    admit::engine engine{{.max_concurrent = 2}};
    const auto permit = engine.try_admit("alice");
    return permit ? engine.stats().admitted : 0;
}
