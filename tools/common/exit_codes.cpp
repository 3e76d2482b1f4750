// SPDX-License-Identifier: BSL-1.0
#include "common/exit_codes.hpp"

#include <fmt/format.h>

#include <exception>

#include "common/option_values.hpp"
#include "common/output.hpp"

namespace admit::tools {

int run_tool(std::string_view tool, const std::function<exit_code(bool can_print)>& body) {
    const bool can_print = prepare_standard_streams();
    try {
        return body(can_print);
    } catch (const usage_error& error) {
        write_err(fmt::format("{0}: {1}\n{0} --help lists the options.\n", tool, error.what()));
        return bad_usage;
    } catch (const std::exception& error) {
        write_err(fmt::format("{}: {}\n", tool, error.what()));
        return not_completed;
    }
}

}  // namespace admit::tools
