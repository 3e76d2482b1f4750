// SPDX-License-Identifier: BSL-1.0
// The exit codes of a tool and its handling of errors. Used by admit-load and admit-crowd.
#pragma once

#include <functional>
#include <string_view>

namespace admit::tools {

enum exit_code : int {
    succeeded = 0,
    check_failed = 1,
    bad_usage = 2,
    not_completed = 3,
    interrupted = 130,
};

/// Prepares the standard streams and runs `body`, which gets whether standard output is open.
/// A `usage_error` becomes `bad_usage` and any other exception `not_completed`, each with a message
/// of `tool` on standard error.
int run_tool(std::string_view tool, const std::function<exit_code(bool can_print)>& body);

}  // namespace admit::tools
