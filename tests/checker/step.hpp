// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace admit::model {

/// Marks a named point of the code under test in printed interleavings. The text must outlive the
/// execution. This is no scheduling point.
void step(const char* text);

}  // namespace admit::model
