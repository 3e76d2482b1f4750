// SPDX-License-Identifier: BSL-1.0
#include "common/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "common/output.hpp"

namespace admit::tools {
namespace {

constexpr std::size_t bar_width = 24;

// Control sequences of terminals: the rest of a line is erased, the cursor goes one line up.
constexpr std::string_view erase = "\r\x1b[K";
constexpr std::string_view up = "\x1b[1A";

/// A line that ends in the last column would wrap on some terminals.
std::string_view cut(std::string_view text) { return text.substr(0, progress_bar::width() - 1); }

}  // namespace

progress_bar::progress_bar(std::size_t runs, bool wanted)
    : shown_(wanted && is_terminal(STDERR_FILENO)), runs_(runs) {}

progress_bar::~progress_bar() { clear(); }

std::size_t progress_bar::width() noexcept {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col : 80;
}

void progress_bar::begin(std::string_view run, std::size_t threads) {
    ++run_;
    label_ = fmt::format("{} on {} {}", run, threads, threads == 1 ? "thread" : "threads");
    update(0);
}

void progress_bar::update(double done_part, std::string_view details) {
    if (!shown_) return;
    const auto filled = static_cast<std::size_t>(std::clamp(done_part, 0.0, 1.0) * bar_width);
    const std::string line = fmt::format("[{}/{}] [{:#>{}}{:.>{}}] {:3.0f} %  {}", run_, runs_, "",
                                         filled, "", bar_width - filled, 100 * done_part, label_);
    write_err(fmt::format("{0}{1}\n{0}{2}{3}", erase, cut(line), cut(details), up));
    drawn_ = true;
}

void progress_bar::clear() {
    if (!drawn_) return;
    write_err(fmt::format("{0}\n{0}{1}", erase, up));
    drawn_ = false;
}

}  // namespace admit::tools
