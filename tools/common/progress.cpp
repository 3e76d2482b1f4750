// SPDX-License-Identifier: BSL-1.0
#include "common/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "common/output.hpp"

namespace admit::tools {
namespace {

constexpr std::size_t width = 24;

}  // namespace

progress_bar::progress_bar(std::size_t runs, bool wanted)
    : shown_(wanted && is_terminal(STDERR_FILENO)), runs_(runs) {}

progress_bar::~progress_bar() { clear(); }

void progress_bar::begin(std::string_view run, std::size_t threads) {
    ++run_;
    label_ = fmt::format("{} on {} {}", run, threads, threads == 1 ? "thread" : "threads");
    update(0);
}

void progress_bar::update(double done_part) {
    if (!shown_) return;
    const auto filled = static_cast<std::size_t>(std::clamp(done_part, 0.0, 1.0) * width);
    const std::string line = fmt::format("[{}/{}] [{:#>{}}{:.>{}}] {:3.0f} %  {}", run_, runs_, "",
                                         filled, "", width - filled, 100 * done_part, label_);
    write_err(fmt::format("\r{:<{}}", line, drawn_));
    drawn_ = line.size();
}

void progress_bar::clear() {
    if (drawn_ == 0) return;
    write_err(fmt::format("\r{:<{}}\r", "", drawn_));
    drawn_ = 0;
}

}  // namespace admit::tools
