// What the fuzzer gives, taken apart into choices; and what to do when something is wrong.
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

    /// Zero once nothing is left, so that every input ends.
    unsigned byte() {
        if (rest_.empty()) return 0;
        const auto first = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }
    unsigned below(unsigned bound) { return byte() % bound; }

    /// The bytes up to the next NUL, which is left out.
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

/// Ends the process, which the fuzzer reports with the input.
inline void require(bool right, const char* what) {
    if (right) return;
    std::fprintf(stderr, "WRONG: %s\n", what);
    std::abort();
}

}  // namespace fuzz
