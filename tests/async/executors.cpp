// SPDX-License-Identifier: BSL-1.0
// The executor that handlers run on, the allocator that they use, and the work that a context has.
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/threads.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::answer;
using support::check_at_rest;
using support::counts;
using support::into;
using support::waiter;
using namespace std::chrono_literals;

namespace {

constexpr admit::wait_options patient{.wait_at_most = admit::forever};

/// An executor that counts the functions it runs, and says whether the caller runs inside it.
class recording {
public:
    recording(asio::io_context& io, int& depth, int& runs)
        : inner_{io.get_executor()}, depth_{&depth}, runs_{&runs} {}

    asio::execution_context& query(asio::execution::context_t) const noexcept {
        return inner_.context();
    }
    static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
        return asio::execution::blocking.never;
    }
    template <class Function>
    void execute(Function function) const {
        asio::post(inner_,
                   [function = std::move(function), depth = depth_, runs = runs_]() mutable {
                       ++*depth;
                       ++*runs;
                       function();
                       --*depth;
                   });
    }
    friend bool operator==(const recording& a, const recording& b) noexcept {
        return a.inner_ == b.inner_ && a.depth_ == b.depth_;
    }

private:
    asio::io_context::executor_type inner_;
    int* depth_;
    int* runs_;
};

/// What an allocator has allocated and not got back.
struct ledger {
    std::size_t allocations = 0;
    std::ptrdiff_t bytes = 0;
};

template <class T>
class booking {
public:
    using value_type = T;
    explicit booking(ledger& in) noexcept : in_{&in} {}
    template <class U>
    booking(const booking<U>& other) noexcept : in_{other.in_} {}

    T* allocate(std::size_t n) {
        ++in_->allocations;
        in_->bytes += static_cast<std::ptrdiff_t>(n * sizeof(T));
        return std::allocator<T>{}.allocate(n);
    }
    void deallocate(T* memory, std::size_t n) noexcept {
        in_->bytes -= static_cast<std::ptrdiff_t>(n * sizeof(T));
        std::allocator<T>{}.deallocate(memory, n);
    }
    friend bool operator==(const booking& a, const booking& b) noexcept { return a.in_ == b.in_; }
    friend bool operator!=(const booking& a, const booking& b) noexcept { return !(a == b); }

private:
    template <class U>
    friend class booking;
    ledger* in_;
};

/// A context that one thread runs.
class running_context {
public:
    running_context() : work_{io.get_executor()}, thread_{[this] { io.run(); }} {}
    ~running_context() { work_.reset(); }
    std::thread::id thread() const { return thread_.get_id(); }

    asio::io_context io{1};

private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::jthread thread_;
};

}  // namespace

TEST_CASE("every handler runs through the executor that is bound to it") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    int depth = 0;
    int runs = 0;
    int handlers = 0;
    const recording there{io, depth, runs};
    const auto handler = [&](auto&&...) {
        CHECK(depth == 1);
        ++handlers;
    };
    SUBCASE("granted at once") {
        admit::async_admit(engine, "alice", {}, asio::bind_executor(there, handler));
        io.run();
    }
    SUBCASE("rejected") {
        const permit held = engine.try_admit("alice").value();
        admit::async_admit(engine, "bob", {}, asio::bind_executor(there, handler));
        io.run();
    }
    SUBCASE("granted later") {
        permit held = engine.try_admit("alice").value();
        admit::async_admit(engine, "bob", patient, asio::bind_executor(there, handler));
        held.end();
        io.run();
    }
    SUBCASE("sent away") {
        permit held = engine.try_admit("alice").value();
        admit::async_admit(engine, "bob", patient, asio::bind_executor(there, handler));
        engine.close();
        io.run();
    }
    SUBCASE("timed out") {
        permit held = engine.try_admit("alice").value();
        admit::async_admit(engine, "bob", {.wait_at_most = 1ms},
                           asio::bind_executor(there, handler));
        io.run();
    }
    SUBCASE("cancelled") {
        permit held = engine.try_admit("alice").value();
        asio::cancellation_signal cancelling;
        admit::async_admit(
            engine, "bob", patient,
            asio::bind_executor(there, asio::bind_cancellation_slot(cancelling.slot(), handler)));
        cancelling.emit(asio::cancellation_type::total);
        io.run();
    }
    SUBCASE("work") {
        auto body = [&](permit&) -> asio::awaitable<void> {
            CHECK(depth == 1);
            co_await support::pause(1ns);
            CHECK(depth == 1);
        };
        admit::async_with_permit(engine, "alice", {}, body, asio::bind_executor(there, handler));
        io.run();
    }
    SUBCASE("drained") {
        const permit held = engine.try_admit("alice").value();
        admit::async_drain(engine, {.deadline = 1ms}, asio::bind_executor(there, handler));
        io.run();
    }
    SUBCASE("the loop of the expiry") {
        asio::cancellation_signal cancelling;
        admit::async_expire(
            engine, 1ms,
            asio::bind_executor(there, asio::bind_cancellation_slot(cancelling.slot(), handler)));
        io.run_one();
        cancelling.emit(asio::cancellation_type::total);
        io.run();
    }
    CHECK(handlers == 1);
    CHECK(runs >= 1);
}

TEST_CASE("waiters of different contexts resume each on its own thread") {
    admit::engine engine{counts(1, 1)};
    constexpr int rounds = 50;
    std::atomic<int> right{0};
    std::atomic<int> wrong{0};
    auto life = [&](running_context& context, std::string user) -> asio::awaitable<void> {
        for (int i = 0; i < rounds; ++i) {
            auto admission = admit::async_admit(engine, user, patient, asio::use_awaitable);
            permit granted = co_await std::move(admission);
            ++(granted && std::this_thread::get_id() == context.thread() ? right : wrong);
        }
    };
    {
        running_context contexts[3];
        for (running_context& each : contexts)
            for (const char* const user : {"alice", "bob"})
                asio::co_spawn(each.io, life(each, user), asio::detached);
    }
    CHECK(right == 3 * 2 * rounds);
    CHECK(wrong == 0);
    check_at_rest(engine);
}

TEST_CASE("a thread that ends a conversation runs no handler of the waiter") {
    admit::engine engine{counts(1, 1)};
    running_context there;
    permit held = engine.try_admit("alice").value();
    std::promise<std::thread::id> resumed;
    admit::async_admit(engine, "bob", patient,
                       asio::bind_executor(there.io, [&](boost::system::error_code, permit) {
                           resumed.set_value(std::this_thread::get_id());
                       }));
    held.end();
    CHECK(resumed.get_future().get() == there.thread());
}

TEST_CASE("no handler is called inside the function that starts the operation") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    bool inside = false;
    int handlers = 0;
    const auto handler = [&](auto&&...) {
        CHECK_FALSE(inside);
        ++handlers;
    };
    auto at_once = [](permit&) -> asio::awaitable<void> { co_return; };
    // In a handler of the context, where a dispatch would run at once.
    asio::post(io, [&] {
        inside = true;
        auto bound = asio::bind_executor(io, handler);
        admit::async_admit(engine, "alice", {}, bound);
        admit::async_admit(engine, "alice", {}, bound);
        admit::async_admit(engine, "", patient, bound);
        admit::async_with_permit(engine, "alice", {}, at_once, bound);
        admit::async_with_permit(engine, "bob", {.wait_at_most = 1ns}, at_once, bound);
        admit::async_admit(engine, "bob", {.wait_at_most = 1ns}, bound);
        admit::async_drain(engine, {.deadline = 0s}, bound);
        admit::async_admit(engine, "bob", patient, bound);
        admit::async_drain(engine, {}, bound);
        inside = false;
    });
    io.run();
    CHECK(handlers == 9);
}

TEST_CASE("no handler is called inside end, close, expire, cancel or set_limits") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    std::vector<std::unique_ptr<waiter>> all;
    permit held = engine.try_admit("alice").value();
    for (const char* const user : {"bob", "carol", "dave", "erin"})
        all.push_back(std::make_unique<waiter>(io.get_executor(), engine, user));
    asio::post(io, [&] {
        held.end();
        CHECK(all[0]->waits());
        all[1]->cancel();
        CHECK(all[1]->waits());
        engine.set_limits(counts(2, 1));
        CHECK(all[2]->waits());
        engine.close();
        CHECK(all[3]->waits());
    });
    io.run_one();
    CHECK(all[0]->waits());
    io.run();
    CHECK(all[0]->got.has_permit());
    CHECK(all[1]->got.refused_as(asio::error::operation_aborted));
    CHECK(all[2]->got.has_permit());
    CHECK(all[3]->got.refused_as(errc::shutting_down));
}

TEST_CASE("a context has work while an operation is pending, and none afterwards") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    SUBCASE("a waiter without a timer") {
        answer got;
        admit::async_admit(engine, "bob", patient, asio::bind_executor(io, into(got)));
        io.poll();
        CHECK_FALSE(io.stopped());
        CHECK(io.run_for(1ms) == 0);
        CHECK_FALSE(io.stopped());
        std::jthread elsewhere{[&] { held.end(); }};
        CHECK(io.run() == 1);  // returns after the grant
        CHECK(got.has_permit());
    }
    SUBCASE("work that waits") {
        int handlers = 0;
        auto body = [](permit&) -> asio::awaitable<void> { co_return; };
        admit::async_with_permit(engine, "bob", {.wait_at_most = admit::forever}, body,
                                 asio::bind_executor(io, [&](auto&&...) { ++handlers; }));
        io.poll();
        CHECK_FALSE(io.stopped());
        std::jthread elsewhere{[&] { held.end(); }};
        io.run();
        CHECK(handlers == 1);
    }
    SUBCASE("a drain without a timer") {
        int handlers = 0;
        admit::async_drain(engine, {.deadline = admit::forever},
                           asio::bind_executor(io, [&](auto&&...) { ++handlers; }));
        io.poll();
        CHECK_FALSE(io.stopped());
        std::jthread elsewhere{[&] { held.end(); }};
        io.run();
        CHECK(handlers == 1);
    }
    CHECK(io.stopped());
}

TEST_CASE("the allocator of the handler is used for a wait, and gets everything back") {
    admit::engine engine{counts(1, 1)};
    ledger book;
    answer got;
    asio::cancellation_signal cancelling;
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    const auto wait = [&](admit::duration at_most) {
        got = {};
        admit::async_admit(
            engine, "bob", {.wait_at_most = at_most},
            asio::bind_allocator(booking<char>{book},
                                 asio::bind_executor(io, asio::bind_cancellation_slot(
                                                             cancelling.slot(), into(got)))));
        CHECK(book.allocations >= 1);
        CHECK(book.bytes > 0);
        io.restart();
    };
    SUBCASE("granted") {
        wait(admit::forever);
        held.end();
        io.run();
        CHECK(got.has_permit());
    }
    SUBCASE("granted before its time") {
        wait(1h);
        held.end();
        io.run();
        CHECK(got.has_permit());
    }
    SUBCASE("timed out") {
        wait(1ms);
        io.run();
        CHECK(got.refused_as(errc::wait_timeout));
    }
    SUBCASE("cancelled") {
        wait(1h);
        cancelling.emit(asio::cancellation_type::terminal);
        io.run();
        CHECK(got.refused_as(asio::error::operation_aborted));
    }
    SUBCASE("sent away") {
        wait(1h);
        engine.close();
        io.run();
        CHECK(got.refused_as(errc::shutting_down));
    }
    CHECK(book.bytes == 0);
}

TEST_CASE("the allocator of the handler keeps the handler of the longer operations") {
    admit::engine engine{counts(1, 1)};
    ledger book;
    {
        asio::io_context io;
        asio::cancellation_signal cancelling;
        int handlers = 0;
        const auto bound = [&] {
            return asio::bind_allocator(
                booking<char>{book},
                asio::bind_executor(io, asio::bind_cancellation_slot(
                                            cancelling.slot(), [&](auto&&...) { ++handlers; })));
        };
        auto body = [](permit&) -> asio::awaitable<void> { co_await support::pause(1ns); };
        SUBCASE("work") {
            admit::async_with_permit(engine, "alice", {}, body, bound());
            CHECK(book.bytes > 0);
        }
        SUBCASE("drain") {
            admit::async_drain(engine, {}, bound());
            CHECK(book.bytes > 0);
        }
        SUBCASE("expiry") {
            admit::async_expire(engine, 1ms, bound());
            CHECK(book.bytes > 0);
            io.run_one();
            cancelling.emit(asio::cancellation_type::terminal);
        }
        io.run();
        CHECK(handlers == 1);
        CHECK(book.bytes == 0);
    }
}

TEST_CASE("the allocator gets everything back from a context that goes") {
    admit::engine engine{counts(1, 1)};
    ledger book;
    permit held = engine.try_admit("alice").value();
    {
        asio::io_context io;
        for (int i = 0; i < 3; ++i)
            admit::async_admit(
                engine, "bob", {.wait_at_most = 1h},
                asio::bind_allocator(
                    booking<char>{book},
                    asio::bind_executor(io, [](boost::system::error_code, permit) {})));
        held.end();  // one waiter is granted, the others wait
        CHECK(book.bytes > 0);
    }
    CHECK(book.bytes == 0);
    check_at_rest(engine);
}

TEST_CASE("a foreign thread admits with a callback and with a future") {
    admit::engine engine{counts(1, 1)};
    running_context there;
    permit held = engine.try_admit("alice").value();
    std::promise<bool> called_back;
    std::jthread foreign{[&] {
        admit::async_admit(
            engine, "bob", patient,
            asio::bind_executor(there.io, [&](boost::system::error_code error, permit granted) {
                const bool had_permit = !error && granted.end();
                called_back.set_value(had_permit);
            }));
        auto future = admit::async_admit(engine, "bob", patient, asio::use_future);
        CHECK(future.get().touch());
    }};
    held.end();
    foreign.join();
    CHECK(called_back.get_future().get());
    check_at_rest(engine);
}

TEST_CASE("without an executor a handler runs on a thread of Asio's") {
    admit::engine engine{counts(1, 1)};
    permit held = engine.try_admit("alice").value();
    std::promise<std::thread::id> resumed;
    admit::async_admit(engine, "bob", patient, [&](boost::system::error_code, permit) {
        resumed.set_value(std::this_thread::get_id());
    });
    held.end();
    CHECK(resumed.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("threads without a context and contexts with threads share one engine") {
    admit::engine engine{counts(2, 2)};
    constexpr int each = 200;
    std::atomic<int> admitted{0};
    std::atomic<int> inside{0};
    std::atomic<int> too_many{0};
    asio::thread_pool pool{2};
    support::run_together(3, [&](unsigned thread) {
        const std::string user = support::user_number(thread);
        for (int i = 0; i < each; ++i) {
            auto future = thread == 0
                              ? admit::async_admit(engine, user, patient, asio::use_future)
                              : admit::async_admit(engine, user, patient,
                                                   asio::bind_executor(pool, asio::use_future));
            permit granted = future.get();
            if (++inside > 2) ++too_many;
            if (granted) ++admitted;
            --inside;
        }
    });
    pool.join();
    CHECK(admitted == 3 * each);
    CHECK(too_many == 0);
    check_at_rest(engine);
}

TEST_CASE("the body runs on a strand, however many threads its executor has") {
    admit::engine engine{counts(4, 4)};
    asio::thread_pool pool{3};
    std::atomic<int> done{0};
    std::atomic<int> overlaps{0};
    auto body = [&](permit& permit) -> asio::awaitable<void> {
        auto strand = co_await asio::this_coro::executor;
        // Not atomic, since the steps of a body run one after the other.
        int inside = 0;
        int left = 20;
        const auto step = [&] {
            if (++inside != 1) ++overlaps;
            permit.touch();
            --inside;
            --left;
        };
        for (int i = 0; i < 20; ++i) asio::post(strand, step);
        while (left > 0) co_await asio::post(strand, asio::use_awaitable);
        ++done;
    };
    for (int i = 0; i < 20; ++i)
        admit::async_with_permit(engine, "alice", {.wait_at_most = admit::forever}, body,
                                 asio::bind_executor(pool, asio::detached));
    pool.join();
    CHECK(done == 20);
    CHECK(overlaps == 0);
    check_at_rest(engine);
}

TEST_CASE("a handler that throws is contained in the run of its context, and the next is served") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    admit::async_admit(engine, "bob", patient,
                       asio::bind_executor(io, [](boost::system::error_code, permit) {
                           throw std::domain_error{"of the handler"};
                       }));
    waiter carol{io.get_executor(), engine, "carol"};
    held.end();
    CHECK_THROWS_AS(io.run(), std::domain_error);
    io.run();
    CHECK(carol.got.has_permit());
    carol.got.granted.end();
    CHECK(engine.stats().ended.error == 1);  // bob's, by the exception that unwound it
    check_at_rest(engine);
}

TEST_CASE("a handler on a strand that throws is called once, though its body did not begin") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    auto no_body = [](permit&) -> asio::awaitable<void> {
        FAIL("the body of an ended conversation ran");
        co_return;
    };
    int times = 0;
    admit::async_with_permit(
        engine, "alice", {}, no_body,
        asio::bind_executor(asio::make_strand(io),
                            [&](std::exception_ptr, const admit::outcome& result) {
                                ++times;
                                CHECK(result.rejected == asio::error::operation_aborted);
                                throw std::domain_error{"of the handler"};
                            }));
    CHECK(engine.end(engine.conversations().at(0).id));
    CHECK_THROWS_AS(io.run(), std::domain_error);
    io.run();
    CHECK(times == 1);
    check_at_rest(engine);
}

TEST_CASE("a handler may call everything of the engine, and start the next operation") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    int depth = 0;
    int rounds = 0;
    std::function<void(boost::system::error_code, permit)> again =
        [&](boost::system::error_code error, permit granted) {
            CHECK_FALSE(error);
            CHECK(++depth == 1);  // no recursion
            CHECK(granted.touch());
            CHECK(engine.active_count() == 1);
            engine.expire(std::chrono::steady_clock::now());
            CHECK(engine.stats().active == 1);
            CHECK(support::rejection(engine, "dave") == errc::global_limit);
            if (++rounds < 1000)
                admit::async_admit(engine, "bob", patient, asio::bind_executor(io, again));
            engine.set_limits(counts(1, 1));
            CHECK(granted.end());
            --depth;
        };
    admit::async_admit(engine, "bob", patient, asio::bind_executor(io, again));
    held.end();
    io.run();
    CHECK(rounds == 1000);
    check_at_rest(engine);
}
