// SPDX-License-Identifier: BSL-1.0
#include "common/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace admit::tools {
namespace {

constinit std::atomic<int> asked{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
    // relaxed: only the number matters.
    if (asked.fetch_add(1, std::memory_order_relaxed) < 2) return;
    std::signal(number, SIG_DFL);
    std::raise(number);
}

}  // namespace

void catch_interrupts() noexcept {
    for (const int number : {SIGINT, SIGTERM}) {
        struct sigaction action {};
        action.sa_handler = on_signal;
        action.sa_flags = SA_RESTART;
        sigaction(number, &action, nullptr);
    }
}

int interrupts() noexcept {
    // relaxed: as in `on_signal`.
    return asked.load(std::memory_order_relaxed);
}

}  // namespace admit::tools
