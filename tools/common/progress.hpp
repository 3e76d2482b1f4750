// SPDX-License-Identifier: BSL-1.0
// A progress line on a terminal, and one with details below it. Used by admit-load, admit-crowd and
// admit-bench.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace admit::tools {

/// Draws on standard error; does nothing if that is no terminal. Fits the width of the terminal.
/// For one thread at a time.
class progress_bar {
public:
    progress_bar(std::size_t runs, bool wanted);
    ~progress_bar();
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    void begin(std::string_view run, std::size_t threads);

    /// `done_part` is 0 to 1. `details` is one line of text, or nothing.
    void update(double done_part, std::string_view details = {});

    /// Removes both lines, so that other output can be written.
    void clear();

    /// The columns of the terminal; 80 if it does not say.
    static std::size_t width() noexcept;

private:
    bool shown_;
    std::size_t runs_;
    std::size_t run_ = 0;
    std::string label_;
    bool drawn_ = false;
};

}  // namespace admit::tools
