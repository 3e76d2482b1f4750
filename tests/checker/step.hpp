#pragma once

namespace admit::model {

/// A named point of the code under test; it shows up in printed interleavings. The text must
/// outlive the execution. No switch happens here.
void step(const char* text);

}  // namespace admit::model
