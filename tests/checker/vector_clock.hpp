#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace admit::model {

/// The thread that runs the test body counts as one.
inline constexpr std::size_t max_threads = 8;

using thread_id = std::uint8_t;
using epoch = std::uint32_t;

/// What a thread knows of the events of every thread (Lamport 1978, Mattern 1989).
/// An event of thread `t` at epoch `e` happens before whoever holds a clock with `at(t) >= e`.
class vector_clock {
public:
    [[nodiscard]] epoch at(thread_id thread) const { return epochs_[thread]; }
    [[nodiscard]] bool covers(thread_id thread, epoch when) const {
        return epochs_[thread] >= when;
    }

    epoch tick(thread_id thread) { return ++epochs_[thread]; }

    void join(const vector_clock& other) {
        for (std::size_t i = 0; i < max_threads; ++i) {
            epochs_[i] = std::max(epochs_[i], other.epochs_[i]);
        }
    }

private:
    std::array<epoch, max_threads> epochs_{};
};

}  // namespace admit::model
