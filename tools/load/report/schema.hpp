// SPDX-License-Identifier: BSL-1.0
// The JSON Schema of results, made from the table of fields.hpp. Shown by `schema --report`.
#pragma once

#include <string>

namespace admit::load {

/// Of what `run --json` and the scenarios write. A key that may be missing is not required, and
/// more keys may come.
std::string report_schema();

}  // namespace admit::load
