// SPDX-License-Identifier: BSL-1.0
// The page of --html without its data, by tools/common/page/page.py of the scripts in page/.
#pragma once

#include <span>
#include <string_view>

namespace admit::load {

/// The pieces of the page, in order: those up to the place of the JSON, and those behind it.
std::span<const std::string_view> page_before_data() noexcept;
std::span<const std::string_view> page_after_data() noexcept;

}  // namespace admit::load
