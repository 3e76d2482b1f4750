// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>

namespace admit::model {

/// A suspended flow of control: its saved stack pointer, and what belongs to its stack.
struct context {
    void* stack_pointer = nullptr;
    /// The exceptions that are being handled. The C++ runtime keeps them for each thread of the
    /// operating system; here each flow of control needs its own.
    std::array<std::byte, 2 * sizeof(void*)> exceptions{};
    // The first function of a fiber.
    void (*entry)(void*) = nullptr;
    void* argument = nullptr;
    // AddressSanitizer has to be told where the stacks are.
    const void* stack_bottom = nullptr;
    std::size_t stack_size = 0;
    void* fake_stack = nullptr;
    // ThreadSanitizer treats each flow of control as a thread.
    void* sanitizer_fiber = nullptr;
};

/// Saves the caller in `from` and continues `to`. Returns when a later switch continues `from`.
void switch_context(context& from, context& to);

/// Turns LeakSanitizer off: a stack is abandoned, and the objects that its frames own are leaked.
void expect_leaks();

/// A stack on which `entry(argument)` starts at the first switch. `entry` never returns: it ends by
/// a switch to another context. Used by `execution`.
class fiber {
public:
    using entry_function = void (*)(void*);

    fiber(entry_function entry, void* argument);
    ~fiber();
    fiber(const fiber&) = delete;
    fiber& operator=(const fiber&) = delete;

    context& state() { return state_; }

private:
    context state_;
    std::byte* mapping_ = nullptr;
};

}  // namespace admit::model
