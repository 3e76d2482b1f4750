#include "checker/outside.hpp"

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

/// A function's static, because statics of other files are constructed before those of this one.
/// Never destroyed, because they are destroyed after.
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

void construct_outside(const void* address, std::uint64_t value) { values()[address] = value; }

void destroy_outside(const void* address) { values().erase(address); }

std::optional<std::uint64_t> outside_value(object of) {
    if (const auto found = values().find(of.address); found != values().end()) {
        return found->second;
    }
    if (!in_static_storage(of.address)) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    std::memcpy(&value, of.address, of.size);
    construct_outside(of.address, value);
    return value;
}

bool is_outside(const void* address) {
    return values().contains(address) || in_static_storage(address);
}

}  // namespace admit::model
