// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace admit::model {

/// T0, the thread that runs the test body, is one of them.
inline constexpr std::size_t max_threads = 8;

using thread_id = std::uint8_t;

inline std::string thread_name(thread_id thread) { return "T" + std::to_string(thread); }

}  // namespace admit::model
