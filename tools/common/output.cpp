// SPDX-License-Identifier: BSL-1.0
#include "common/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "common/option_values.hpp"
#include "common/printable.hpp"

namespace admit::tools {
namespace {

namespace fs = std::filesystem;

std::string message(int error) { return std::generic_category().message(error); }

/// Returns 0 or the error number.
int write_all(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/// Closes its descriptor, and removes its temporary name unless the file was renamed.
class temporary_file {
public:
    explicit temporary_file(const fs::path& next_to)
        : name_(next_to.string() + ".XXXXXX"), file_(::mkostemp(name_.data(), O_CLOEXEC)) {
        if (file_ < 0) error_ = errno;
    }
    ~temporary_file() {
        if (file_ >= 0) ::close(file_);
        if (file_ >= 0 && !renamed_) ::unlink(name_.c_str());
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;

    /// 0, or the number of the first error.
    int error() const noexcept { return error_; }

    void write(std::string_view text) noexcept {
        if (error_ == 0) error_ = write_all(file_, text);
    }

    void become(const fs::path& target) noexcept {
        if (error_ != 0) return;
        struct stat old {};
        const bool replaces = ::stat(target.c_str(), &old) == 0;
        const mode_t mask = ::umask(0);
        ::umask(mask);
        ::fchmod(file_, replaces ? old.st_mode & 0777 : 0666 & ~mask);
        if (::fsync(file_) != 0 || ::rename(name_.c_str(), target.c_str()) != 0) {
            error_ = errno;
        } else {
            renamed_ = true;
        }
    }

private:
    std::string name_;
    int file_;
    int error_ = 0;
    bool renamed_ = false;
};

/// Follows links, so that a report replaces the file and not the link.
fs::path target_of(const std::string& path) {
    std::error_code ignored;
    fs::path target = fs::canonical(path, ignored);
    return ignored ? fs::path(path) : target;
}

bool is_special(const fs::path& target) {
    std::error_code ignored;
    const fs::file_status status = fs::status(target, ignored);
    return fs::exists(status) && !fs::is_regular_file(status);
}

int write_special(const fs::path& target, std::string_view text) {
    const int file = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    const int error = write_all(file, text);
    ::close(file);
    return error;
}

}  // namespace

bool prepare_standard_streams() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    const bool can_print = ::fcntl(STDOUT_FILENO, F_GETFD) != -1;
    // `open` returns the lowest free number, so each closed descriptor is filled in turn.
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(standard, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) != standard) {
            return false;
        }
    }
    return can_print;
}

void write_out(std::string_view text) {
    if (const int error = write_all(STDOUT_FILENO, text)) {
        throw output_error(fmt::format("cannot write to standard output: {}", message(error)));
    }
}

void write_err(std::string_view text) noexcept { write_all(STDERR_FILENO, text); }

bool is_terminal(int descriptor) noexcept {
    const char* kind = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && !(kind != nullptr && std::strcmp(kind, "dumb") == 0);
}

bool wants_colour(int descriptor) noexcept {
    const char* no_colour = std::getenv("NO_COLOR");
    return is_terminal(descriptor) && (no_colour == nullptr || *no_colour == '\0');
}

void check_report_path(std::string_view option, const std::string& path) {
    if (path == "-") return;
    const auto refuse = [&](std::string_view cause) {
        throw usage_error(
            fmt::format("{} {}: {}; allowed: a file in a folder that can be written to, or -",
                        option, printable(path), cause));
    };
    const fs::path target = target_of(path);
    std::error_code ignored;
    if (path.empty()) refuse("no file name");
    if (fs::is_directory(target, ignored)) refuse("is a folder");
    if (is_special(target)) {
        if (::access(target.c_str(), W_OK) != 0) refuse(message(errno));
    } else if (const temporary_file trial(target); trial.error() != 0) {
        refuse(message(trial.error()));
    }
}

void write_report(const std::string& path, std::string_view text) {
    if (path == "-") return write_out(text);
    const fs::path target = target_of(path);
    int error = 0;
    if (is_special(target)) {
        error = write_special(target, text);
    } else {
        temporary_file file(target);
        file.write(text);
        file.become(target);
        error = file.error();
    }
    if (error != 0) {
        throw output_error(
            fmt::format("cannot write the report {}: {}", printable(path), message(error)));
    }
}

}  // namespace admit::tools
