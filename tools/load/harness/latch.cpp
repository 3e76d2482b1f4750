// SPDX-License-Identifier: BSL-1.0
#include "load/harness/latch.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace admit::load {

namespace asio = boost::asio;

struct latch::waiter {
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    virtual ~waiter() = default;

    virtual void resume() = 0;

    waiter* next = nullptr;
};

/// The handler of a suspended coroutine. Asio 1.26 has no `any_completion_handler` to hold it.
template <class Handler>
struct latch::waiting_handler final : latch::waiter {
    explicit waiting_handler(Handler to_resume)
        : handler(std::move(to_resume)), work(asio::get_associated_executor(handler)) {}

    void resume() override { asio::post(work.get_executor(), std::move(handler)); }

    Handler handler;
    // Keeps `io_context::run` from returning while all coroutines wait.
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work;
};

namespace {

// Only its address is used, as the mark of an open latch.
constinit char open_mark = 0;

}  // namespace

latch::waiter* const latch::opened = reinterpret_cast<latch::waiter*>(&open_mark);

latch::latch(std::size_t expected) noexcept : missing_(expected) {
    if (expected == 0) waiters_.store(opened);
}

latch::~latch() {
    waiter* left = waiters_.load();
    while (left != nullptr && left != opened) {
        const std::unique_ptr<waiter> dropped(left);
        left = left->next;
    }
}

void latch::arrive() noexcept {
    if (missing_.fetch_sub(1) == 1) open();
}

void latch::open() noexcept {
    waiter* left = waiters_.exchange(opened);
    // Only the nodes are used from here: a resumed coroutine may destroy the latch.
    while (left != nullptr) {
        const std::unique_ptr<waiter> resumed(left);
        left = left->next;
        resumed->resume();
    }
}

/// Returns false if the latch is open: it would not resume this waiter.
bool latch::enqueue(waiter& added) noexcept {
    waiter* top = waiters_.load();
    do {
        if (top == opened) return false;
        added.next = top;
    } while (!waiters_.compare_exchange_weak(top, &added));
    return true;
}

asio::awaitable<void> latch::wait() {
    auto suspend = [this](auto handler) {
        auto added = std::make_unique<waiting_handler<decltype(handler)>>(std::move(handler));
        if (enqueue(*added)) {
            added.release();  // now owned by the stack, or already resumed and deleted
        } else {
            added->resume();
        }
    };
    return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(suspend,
                                                                        asio::use_awaitable);
}

}  // namespace admit::load
