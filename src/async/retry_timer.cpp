// SPDX-License-Identifier: BSL-1.0
#include "async/retry_timer.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/system/error_code.hpp>
#include <new>
#include <thread>

#include "lifecycle/supervision.hpp"
#include "state/engine_registry.hpp"
#include "system/this_thread.hpp"
#include "waiting/serving.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds retry_delay{10};

/// Wakes what could not be woken, in all engines. True: there is more.
bool retry_all() noexcept {
    std::size_t left = 0;
    core::engine_registry::for_each([&](core::engine_core& core) {
        left += core::supervisor_cells::retry(core);
        core::serve(core, system::this_thread());
    });
    return left > 0;
}

}  // namespace

/// Hands out the storage of one wait.
template <class T>
struct retry_timer::storage_allocator {
    using value_type = T;

    explicit storage_allocator(void* place) noexcept : storage{place} {}
    template <class U>
    explicit(false) storage_allocator(const storage_allocator<U>& other) noexcept
        : storage{other.storage} {}
    T* allocate(std::size_t) noexcept {
        static_assert(sizeof(T) <= sizeof(wait_storage) && alignof(T) <= alignof(std::max_align_t));
        return static_cast<T*>(storage);
    }
    void deallocate(T*, std::size_t) noexcept {}
    friend bool operator==(const storage_allocator&, const storage_allocator&) noexcept = default;

    void* storage;
};

void retry_timer::enter() {
    if (!schedule_.enter()) throw std::bad_alloc{};
}

void retry_timer::close() noexcept {
    schedule_.close([] { std::this_thread::yield(); });
}

retry_timer::timers::timers(asio::execution_context& context, retry_timer& owner)
    : owner_{&owner},
      bell_{inline_executor{context}},
      delay_{inline_executor{context}},
      spare_{inline_executor{context}} {
    bell_->expires_at(std::chrono::steady_clock::time_point::max());
    spare_->expires_at(std::chrono::steady_clock::time_point::max());
}

void retry_timer::timers::wait(unsigned n) {
    begin_wait(*bell_, n);
    reserve();
}

// The wait's storage is free again when its handler is called. Supervisors are posted to outside
// the pass: an executor may run anything.
void retry_timer::timers::begin_wait(timer& timer, unsigned n) {
    timer.async_wait(asio::bind_allocator(storage_allocator<void>{storage_[n].data()},
                                          [owner = owner_, n](boost::system::error_code) {
                                              owner->schedule_.ended(n, [] { return retry_all(); });
                                          }));
}

void retry_timer::timers::reserve() noexcept try {
    // acquire: the handler is done with the storage.
    if (spare_ended_.exchange(false, std::memory_order_acquire)) spare_waits_ = false;
    if (spare_waits_) return;
    spare_->async_wait(asio::bind_allocator(storage_allocator<void>{storage_[3].data()},
                                            [this](boost::system::error_code) {
                                                // release: see `reserve`.
                                                spare_ended_.store(true, std::memory_order_release);
                                            }));
    spare_waits_ = true;
} catch (const std::bad_alloc&) {  // when the bell is rung next, then
}

void retry_timer::timers::delay() {
    delay_->expires_after(retry_delay);
    try {
        begin_wait(*delay_, 2);
    } catch (const std::bad_alloc&) {
        spare_->cancel();  // Asio's heap keeps its memory
        begin_wait(*delay_, 2);
    }
}

void retry_timer::timers::stop() noexcept {
    bell_->cancel();
    delay_->cancel();
    spare_->cancel();
}

void retry_timer::timers::close() noexcept {
    bell_.reset();
    delay_.reset();
    spare_.reset();
}

}  // namespace admit::detail
