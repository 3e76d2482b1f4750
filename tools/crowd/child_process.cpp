// SPDX-License-Identifier: BSL-1.0
#include "crowd/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace admit::crowd {
namespace {

[[noreturn]] void fail(int error, const std::string& message) {
    throw std::system_error(error, std::generic_category(), message);
}

/// A pipe; the child gets only its writing end.
class pipe {
public:
    pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail(errno, "cannot make a pipe");
    }
    ~pipe() {
        ::close(ends_[0]);
        close_writing();
    }
    pipe(const pipe&) = delete;
    pipe& operator=(const pipe&) = delete;

    int writing() const noexcept { return ends_[1]; }
    void close_writing() noexcept {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }

    std::string read_all() const {
        std::string text;
        std::array<char, 4096> buffer{};
        for (;;) {
            const ssize_t got = ::read(ends_[0], buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return text;
            text.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

pid_t start(const std::string& program, const std::string& argument, int output) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    std::string name = program;
    std::string given = argument;
    std::array<char*, 3> words{name.data(), given.data(), nullptr};
    pid_t child = 0;
    const int error =
        ::posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail(error, fmt::format("cannot start {}", program));
    return child;
}

void await_success(pid_t child, const std::string& program) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) fail(errno, "waitpid");
    }
    if (WIFSIGNALED(status)) {
        throw std::runtime_error(
            fmt::format("{} was ended by signal {}", program, WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        throw std::runtime_error(
            fmt::format("{} failed with exit code {}", program, WEXITSTATUS(status)));
    }
}

}  // namespace

std::string beside_this_program(const std::string& name) {
    return std::filesystem::read_symlink("/proc/self/exe").replace_filename(name).string();
}

std::string output_of(const std::string& program, const std::string& argument) {
    pipe out;
    const pid_t child = start(program, argument, out.writing());
    out.close_writing();
    std::string text = out.read_all();
    await_success(child, program);
    return text;
}

}  // namespace admit::crowd
