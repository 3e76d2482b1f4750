// SPDX-License-Identifier: BSL-1.0
#include "checker/fiber.hpp"

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define ADMIT_MODEL_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define ADMIT_MODEL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADMIT_MODEL_ASAN 1
#elif __has_feature(thread_sanitizer)
#define ADMIT_MODEL_TSAN 1
#endif
#endif

#if defined(ADMIT_MODEL_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

#if defined(ADMIT_MODEL_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "the model checker has no context switch for this processor"
#endif

namespace admit::model {

namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

/// The last switch was from `previous` to `current`.
context* previous = nullptr;
context* current = nullptr;
bool leaks_expected = false;

}  // namespace

// Saves the registers that a called function must preserve, exchanges the stack pointers and
// returns on the other stack. The ucontext functions do the same with two system calls.
extern "C" void admit_model_switch_stack(void** save, void* load);
extern "C" void admit_model_fiber_entry();

#if defined(__x86_64__)
asm(R"(
    .text
    .globl admit_model_switch_stack
    .type admit_model_switch_stack, @function
admit_model_switch_stack:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size admit_model_switch_stack, .-admit_model_switch_stack
)");

namespace {
/// Six zero registers, the entry to return into, and a null return address that ends backtraces.
void* first_frame(std::byte* top) {
    auto* frame = reinterpret_cast<std::uintptr_t*>(top) - 8;
    std::memset(frame, 0, 8 * sizeof *frame);
    frame[6] = reinterpret_cast<std::uintptr_t>(&admit_model_fiber_entry);
    return frame;
}
}  // namespace
#else
asm(R"(
    .text
    .globl admit_model_switch_stack
    .type admit_model_switch_stack, %function
admit_model_switch_stack:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .size admit_model_switch_stack, .-admit_model_switch_stack
)");

namespace {
/// Twenty registers: all are zero but the link register, which holds the entry.
void* first_frame(std::byte* top) {
    auto* frame = reinterpret_cast<std::uintptr_t*>(top) - 20;
    std::memset(frame, 0, 20 * sizeof *frame);
    frame[11] = reinterpret_cast<std::uintptr_t>(&admit_model_fiber_entry);
    return frame;
}
}  // namespace
#endif

namespace {

/// The first thing to do on a stack after a switch to it.
void finish_switch([[maybe_unused]] void* fake_stack) {
#if defined(ADMIT_MODEL_ASAN)
    __sanitizer_finish_switch_fiber(fake_stack, &previous->stack_bottom, &previous->stack_size);
#endif
}

}  // namespace

extern "C" void admit_model_fiber_entry() {
    const context& self = *current;
    finish_switch(nullptr);
    self.entry(self.argument);
    std::abort();
}

void switch_context(context& from, context& to) {
    assert(&from != &to && to.stack_pointer != nullptr);
    void* const globals = abi::__cxa_get_globals();
    std::memcpy(from.exceptions.data(), globals, from.exceptions.size());
    std::memcpy(globals, to.exceptions.data(), to.exceptions.size());
    previous = &from;
    current = &to;
#if defined(ADMIT_MODEL_ASAN)
    __sanitizer_start_switch_fiber(&from.fake_stack, to.stack_bottom, to.stack_size);
#endif
#if defined(ADMIT_MODEL_TSAN)
    from.sanitizer_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.sanitizer_fiber, 0);
#endif
    // A context that runs has no saved stack pointer.
    admit_model_switch_stack(&from.stack_pointer, std::exchange(to.stack_pointer, nullptr));
    finish_switch(from.fake_stack);
}

void expect_leaks() { leaks_expected = true; }

#if defined(ADMIT_MODEL_ASAN)
// LeakSanitizer asks this at the end of the program.
extern "C" int __lsan_is_turned_off() { return leaks_expected ? 1 : 0; }
#endif

fiber::fiber(entry_function entry, void* argument) {
    state_.entry = entry;
    state_.argument = argument;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* const memory = mmap(nullptr, stack_bytes + page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) {
        throw std::bad_alloc{};
    }
    mapping_ = static_cast<std::byte*>(memory);
    std::byte* const bottom = mapping_ + page;
    state_.stack_bottom = bottom;
    state_.stack_size = stack_bytes;
    state_.stack_pointer = first_frame(bottom + stack_bytes);
#if defined(ADMIT_MODEL_TSAN)
    state_.sanitizer_fiber = __tsan_create_fiber(0);
#endif
#if defined(ADMIT_MODEL_ASAN)
    // Frames of an earlier stack at this address, which never returned, may still be poisoned.
    __asan_unpoison_memory_region(bottom, stack_bytes);
#endif
}

fiber::~fiber() {
#if defined(ADMIT_MODEL_TSAN)
    __tsan_destroy_fiber(state_.sanitizer_fiber);
#endif
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    munmap(mapping_, stack_bytes + page);
}

}  // namespace admit::model
