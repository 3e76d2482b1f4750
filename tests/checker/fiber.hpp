#pragma once

#include <array>
#include <cstddef>

namespace admit::model {

/// A place to switch from and to: the saved stack pointer of one flow of control.
struct context {
    void* stack_pointer = nullptr;
    /// The C++ runtime keeps the exceptions being handled per operating-system thread; every
    /// flow of control needs its own.
    std::array<std::byte, 2 * sizeof(void*)> exceptions{};
    // What runs there first, if it is a fiber.
    void (*entry)(void*) = nullptr;
    void* argument = nullptr;
    // For AddressSanitizer, which has to be told where the stacks are.
    const void* stack_bottom = nullptr;
    std::size_t stack_size = 0;
    void* fake_stack = nullptr;
    // For ThreadSanitizer, to which each of them is a thread.
    void* sanitizer_fiber = nullptr;
};

/// Saves the caller in `from`, continues `to`, and returns when somebody switches back to `from`.
void switch_context(context& from, context& to);

/// To be called when a stack is given up in the middle: what its frames own is never freed.
void expect_leaks();

/// A stack of its own on which `entry(argument)` starts at the first switch. `entry` never
/// returns; it switches away for the last time.
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
