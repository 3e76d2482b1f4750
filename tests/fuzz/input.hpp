// SPDX-License-Identifier: BSL-1.0
// Turns the fuzzer's bytes into choices, and reports failures. All fuzz targets use it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace fuzz {

class input {
public:
    input(const std::uint8_t* data, std::size_t size)
        : rest_{reinterpret_cast<const char*>(data), size} {}

    bool empty() const { return rest_.empty(); }

    /// The next byte; zero when no bytes are left.
    unsigned byte() {
        if (rest_.empty()) return 0;
        const auto first = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }
    unsigned below(unsigned bound) { return byte() % bound; }

    /// The bytes up to the next NUL. The NUL is dropped.
    std::string word() {
        const std::size_t end = std::min(rest_.find('\0'), rest_.size());
        std::string found{rest_.substr(0, end)};
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return found;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

/// Aborts the process if `right` is false. The fuzzer then reports the input.
inline void require(bool right, const char* expectation) {
    if (right) return;
    std::fprintf(stderr, "WRONG: %s\n", expectation);
    std::abort();
}

}  // namespace fuzz
