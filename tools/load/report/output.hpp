// Writing that fails with a message instead of a signal or silence.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace admit::load {

/// What was to be written could not be: exit code 3.
class output_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A broken pipe or a file that is too large becomes an error of `write`, and no file that is
/// opened later takes the place of a closed standard descriptor. False: standard output is closed.
bool prepare_standard_streams();

/// Throws `output_error`.
void write_out(std::string_view text);

/// To standard error, as well as it goes: there is nowhere left to report a failure.
void write_err(std::string_view text) noexcept;

/// Whether colours and moving lines make sense there.
bool is_terminal(int descriptor) noexcept;
bool wants_colour(int descriptor) noexcept;

/// Throws `usage_error`, naming `option`, when no file can be made at `path` ("-" is standard
/// output). Leaves nothing behind.
void check_report_path(std::string_view option, const std::string& path);

/// Writes the whole file or nothing: under another name first, then renamed. Devices and pipes are
/// written directly. Throws `output_error`.
void write_report(const std::string& path, std::string_view text);

}  // namespace admit::load
