#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace admit::model {

// Objects constructed while no execution runs: statics, and what a test captures from outside.
// Each execution finds an atomic among them with the value it was constructed with, or, if it was
// initialised at compile time and nobody could take note of it, with that of its first use.

/// An atomic object, or a plain one.
struct object {
    const void* address;
    std::size_t size;
};

void construct_outside(const void* address, std::uint64_t value);
void destroy_outside(const void* address);
std::optional<std::uint64_t> outside_value(object of);
bool is_outside(const void* address);

}  // namespace admit::model
