// SPDX-License-Identifier: BSL-1.0
// A progress line on a terminal. Used by admit-load, admit-crowd and admit-bench.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace admit::tools {

/// Draws on standard error; does nothing if that is no terminal. For one thread at a time.
class progress_bar {
public:
    progress_bar(std::size_t runs, bool wanted);
    ~progress_bar();
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    void begin(std::string_view run, std::size_t threads);

    /// `done_part` is 0 to 1.
    void update(double done_part);

    /// Removes the line, so that other output can be written.
    void clear();

private:
    bool shown_;
    std::size_t runs_;
    std::size_t run_ = 0;
    std::string label_;
    std::size_t drawn_ = 0;
};

}  // namespace admit::tools
