// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "checker/address_map.hpp"
#include "checker/plain_location.hpp"
#include "checker/trace.hpp"
#include "checker/vector_clock.hpp"

namespace admit::model {

/// Finds data races on plain objects, and uses of plain objects that are not alive. Used by
/// `memory`.
class race_detector {
public:
    explicit race_detector(trace& events) : events_(events) {}

    void begin_execution();

    void construct(thread_view thread, const void* address);
    void destroy(thread_view thread, const void* address);
    void read(thread_view thread, const void* address);
    void write(thread_view thread, const void* address);

    void name(const void* address, const char* text);
    [[nodiscard]] const std::vector<plain_location>& locations() const { return locations_; }

private:
    std::uint32_t add(const plain_location& added);
    std::uint32_t find_or_add_persistent(const void* address);
    plain_location& access(thread_view thread, const void* address, operation_kind kind);

    trace& events_;
    address_map indices_;
    std::vector<plain_location> locations_;
};

}  // namespace admit::model
