// SPDX-License-Identifier: BSL-1.0
#include "crowd/wheel_clock.hpp"

namespace admit::crowd {
namespace {

// 128 KiB. With ticks of 1 ms a turn takes 8 s, longer than most sleeps.
constexpr std::size_t slots = 8192;

}  // namespace

wheel_clock::wheel_clock(boost::asio::io_context& context, clock::duration tick_length)
    : wheel_(slots), tick_length_(tick_length), timer_(context) {}

wheel_clock::~wheel_clock() {
    while (const auto next = wheel_.next()) {
        timing_wheel::entries left = wheel_.advance(*next);
        while (!left.empty()) static_cast<sleeper&>(left.front()).destroy();
    }
}

/// Rounded up, so that no sleep ends early.
tick wheel_clock::tick_after(clock::time_point when) const noexcept {
    if (when <= origin_) return 0;
    return static_cast<tick>((when - origin_ + tick_length_ - clock::duration{1}) / tick_length_);
}

void wheel_clock::enter(wheel_entry& entry, clock::time_point when) {
    const tick due = wheel_.add(entry, tick_after(when));
    if (!armed_ || due < *armed_) arm(due);
}

void wheel_clock::arm(tick due) {
    armed_ = due;
    // Cancels the wait for a later tick.
    timer_.expires_at(origin_ + static_cast<clock::duration::rep>(due) * tick_length_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) turn();
    });
}

void wheel_clock::turn() {
    armed_.reset();
    const auto now = static_cast<tick>((clock::now() - origin_) / tick_length_);
    timing_wheel::entries due = wheel_.advance(now);
    while (!due.empty()) static_cast<sleeper&>(due.front()).complete({}, true);
    const auto next = wheel_.next();
    if (next && (!armed_ || *next < *armed_)) arm(*next);
}

}  // namespace admit::crowd
