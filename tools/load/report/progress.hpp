// A line on a terminal that shows how far the runs have come.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace admit::load {

/// Draws on standard error; does nothing when that is no terminal. One thread at a time.
class progress_bar {
public:
    progress_bar(std::size_t runs, bool wanted);
    ~progress_bar();
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    void begin(std::string_view scenario, std::size_t threads);
    void update(double done_part);

    /// Makes room for other output.
    void clear();

private:
    bool shown_;
    std::size_t runs_;
    std::size_t run_ = 0;
    std::string label_;
    std::size_t drawn_ = 0;
};

}  // namespace admit::load
