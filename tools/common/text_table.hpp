// SPDX-License-Identifier: BSL-1.0
// Text tables and colours for terminals. Used by admit-load, admit-crowd and admit-bench.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace admit::tools {

inline constexpr std::string_view bold = "1", red = "31", green = "32";

inline std::string painted(std::string_view text, std::string_view code, bool colour) {
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

/// The first column is aligned to the left, all others to the right.
class text_table {
public:
    text_table(std::string_view title, std::vector<std::string> heads) : title_(title) {
        rows_.push_back(std::move(heads));
    }

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const noexcept { return rows_.size() == 1; }

    std::string text(bool colour) const {
        std::string out = '\n' + painted(title_, bold, colour) + '\n';
        for (const auto& row : rows_) out += line(row);
        return out;
    }

private:
    std::string line(const std::vector<std::string>& row) const {
        std::string out = "  ";
        for (std::size_t column = 0; column < row.size(); ++column) {
            const std::size_t width = width_of(column);
            if (column == 0) {
                fmt::format_to(std::back_inserter(out), "{:<{}}", row[column], width);
            } else {
                fmt::format_to(std::back_inserter(out), "  {:>{}}", row[column], width);
            }
        }
        return out + '\n';
    }

    std::size_t width_of(std::size_t column) const {
        std::size_t width = 0;
        for (const auto& row : rows_) width = std::max(width, row[column].size());
        return width;
    }

    std::string title_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace admit::tools
