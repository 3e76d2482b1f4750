// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace admit::model {

// Objects that live longer than an execution: statics, and objects that a test body captures.
// Each execution starts with the value that an atomic object was constructed with. An object that
// is initialised at compile time is not seen to be constructed; its first value is read at its
// first use.

/// An atomic or plain object under test.
struct object {
    const void* address;
    std::size_t size;
};

void construct_persistent(const void* address, std::uint64_t value);
void destroy_persistent(const void* address);
/// The first value of a persistent object; nothing for any other object.
std::optional<std::uint64_t> persistent_value(object target);
bool is_persistent(const void* address);

}  // namespace admit::model
