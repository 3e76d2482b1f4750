// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

namespace admit::model {

/// Ends the running execution as a violation. Its stacks are abandoned and not unwound, as
/// destructors over a broken state could do further damage.
[[noreturn]] void fail(const std::string& description);

}  // namespace admit::model
