#pragma once

#include <string>

namespace admit::model {

/// Ends the execution as a violation. Nothing of it is unwound: its stacks are abandoned as they
/// are, since destructors over a broken state could only do further damage.
[[noreturn]] void fail(const std::string& what);

}  // namespace admit::model
