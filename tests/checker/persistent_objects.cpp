// SPDX-License-Identifier: BSL-1.0
#include "checker/persistent_objects.hpp"

#include <cassert>
#include <cstring>
#include <functional>
#include <unordered_map>

// The static data of the program, by names that every ELF linker defines.
extern "C" {
extern const char __data_start;  // NOLINT: the linker's name
extern const char _end;          // NOLINT: the linker's name
}

namespace admit::model {

namespace {

/// Constructed at the first use, as statics of other files may be constructed before this file's.
/// Never destroyed, as statics of other files may be destroyed later.
std::unordered_map<const void*, std::uint64_t>& values() {
    static auto* const map = new std::unordered_map<const void*, std::uint64_t>;
    return *map;
}

bool in_static_storage(const void* address) {
    const std::less<> before;
    return !before(address, static_cast<const void*>(&__data_start)) &&
           before(address, static_cast<const void*>(&_end));
}

}  // namespace

void construct_persistent(const void* address, std::uint64_t value) { values()[address] = value; }

void destroy_persistent(const void* address) { values().erase(address); }

std::optional<std::uint64_t> persistent_value(object target) {
    assert(target.size <= sizeof(std::uint64_t));
    if (const auto found = values().find(target.address); found != values().end()) {
        return found->second;
    }
    if (!in_static_storage(target.address)) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    std::memcpy(&value, target.address, target.size);
    construct_persistent(target.address, value);
    return value;
}

bool is_persistent(const void* address) {
    return values().contains(address) || in_static_storage(address);
}

}  // namespace admit::model
