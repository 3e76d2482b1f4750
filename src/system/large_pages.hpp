// SPDX-License-Identifier: BSL-1.0
// Large pages for the tables of large engines; engine.cpp passes the function down.
#pragma once

#include <cstddef>

namespace admit::system {

/// Asks for large pages. `block` begins at a boundary of 2 MiB, and nothing was written to it yet.
/// A refusal changes nothing but the speed; where the system has no such call nothing is asked.
void ask_for_large_pages(void* block, std::size_t bytes) noexcept;

}  // namespace admit::system
