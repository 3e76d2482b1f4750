// SPDX-License-Identifier: BSL-1.0
#include "common/memory_probe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>

namespace admit::tools {
namespace {

int open_for_reading(const char* path) {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) throw std::system_error(errno, std::generic_category(), path);
    return file;
}

std::string_view read_start(int file, std::span<char> buffer) {
    const ssize_t got = ::pread(file, buffer.data(), buffer.size(), 0);
    if (got < 0) throw std::system_error(errno, std::generic_category(), "reading memory use");
    return {buffer.data(), static_cast<std::size_t>(got)};
}

/// The first whole number in the text.
double number_in(std::string_view text) {
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) return 0;
    std::uint64_t number = 0;
    std::from_chars(text.data() + digit, text.data() + text.size(), number);
    return static_cast<double>(number);
}

}  // namespace

memory_probe::memory_probe()
    : statm_(open_for_reading("/proc/self/statm")),
      status_(open_for_reading("/proc/self/status")),
      page_mib_(static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0)) {}

memory_probe::~memory_probe() {
    ::close(statm_);
    ::close(status_);
}

double memory_probe::resident() const {
    std::array<char, 128> buffer{};
    const std::string_view text = read_start(statm_, buffer);
    const std::size_t second = text.find(' ');
    return second == std::string_view::npos ? 0 : number_in(text.substr(second)) * page_mib_;
}

double memory_probe::high_water_mark() const {
    std::array<char, 4096> buffer{};
    const std::string_view text = read_start(status_, buffer);
    const std::size_t line = text.find("VmHWM:");
    return line == std::string_view::npos ? 0 : number_in(text.substr(line)) / 1024;
}

}  // namespace admit::tools
