// SPDX-License-Identifier: BSL-1.0
// What the tables of keys and figures say, for people and for editors.
#pragma once

#include <string>

namespace admit::load {

/// A scenario file with every key, its meaning and its range, to begin with.
std::string file_template();

/// A JSON Schema (draft 7) of scenario files.
std::string file_schema();

/// The tables of the documentation, in Markdown.
std::string file_reference();

}  // namespace admit::load
