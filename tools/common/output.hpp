// SPDX-License-Identifier: BSL-1.0
// Output that fails with a message instead of a signal. Used by all tools in C++.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace admit::tools {

/// Output could not be written: exit code 3.
class output_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Makes a broken pipe and a file that grows too large errors of `write` instead of signals, and
/// opens closed standard descriptors, so that no later file gets their numbers.
/// Returns false if standard output was closed.
bool prepare_standard_streams();

/// Throws `output_error`.
void write_out(std::string_view text);

/// Writes to standard error. A failure is ignored, because no stream is left to report it.
void write_err(std::string_view text) noexcept;

/// Whether moving lines and colours can be shown on this descriptor.
bool is_terminal(int descriptor) noexcept;
bool wants_colour(int descriptor) noexcept;

/// Throws `usage_error` with `option` when no file can be written at `path` ("-" is standard
/// output). Leaves no file behind.
void check_report_path(std::string_view option, const std::string& path);

/// Writes the whole file or nothing: to a temporary name, which is then renamed. Devices and pipes
/// are written directly. Throws `output_error`.
void write_report(const std::string& path, std::string_view text);

}  // namespace admit::tools
