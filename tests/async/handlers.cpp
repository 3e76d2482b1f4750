// SPDX-License-Identifier: BSL-1.0
// Handlers that are type-erased already, and `asio::cancel_after` around the operations.
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/version.hpp>
#include <chrono>
#include <memory>
#include <memory_resource>

#include "support/async.hpp"
#include "support/printing.hpp"
#if BOOST_ASIO_VERSION >= 103100
#include <boost/asio/cancel_after.hpp>
#endif

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::counts;
using namespace std::chrono_literals;

namespace {

/// Memory that counts what it has allocated and not got back.
class counting_memory : public std::pmr::memory_resource {
public:
    std::size_t bytes = 0;

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        bytes += size;
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
        bytes -= size;
        std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

/// A handler that counts its calls, type-erased as often as `Signature` is named.
template <class Signature>
auto erased(counting_memory& memory, int& calls) {
    return asio::any_completion_handler<Signature>{asio::bind_allocator(
        std::pmr::polymorphic_allocator<char>{&memory},
        [&calls, owned = std::make_unique<int>(1)](auto&&...) { calls += *owned; })};
}
template <class Signature>
auto erased_twice(counting_memory& memory, int& calls) {
    return asio::any_completion_handler<Signature>{
        asio::bind_allocator(std::allocator<char>{}, erased<Signature>(memory, calls))};
}

using admit_signature = void(boost::system::error_code, permit);
using run_signature = void(std::exception_ptr, admit::outcome);
using expire_signature = void(boost::system::error_code);
using drain_signature = void(boost::system::error_code, admit::drain_report);

auto no_body() {
    return [](permit&) -> asio::awaitable<void> { co_return; };
}

/// Starts each operation, pending, in an engine without room.
template <class Executor, class Make>
void start_all(admit::engine& engine, const Executor& executor, const Make& make) {
    admit::async_admit(engine, "a", {.wait_at_most = 1h},
                       asio::bind_executor(executor, make.template operator()<admit_signature>()));
    admit::async_with_permit(
        engine, "b", {.wait_at_most = 1h}, no_body(),
        asio::bind_executor(executor, make.template operator()<run_signature>()));
    admit::async_expire(
        engine, 1h, asio::bind_executor(executor, make.template operator()<expire_signature>()));
    admit::async_drain(engine, {.deadline = 1h},
                       asio::bind_executor(executor, make.template operator()<drain_signature>()));
}

}  // namespace

TEST_CASE("a handler that is type-erased already is destroyed uncalled with its context") {
    counting_memory memory;
    int calls = 0;
    const auto make = [&]<class Signature> { return erased<Signature>(memory, calls); };
    admit::engine engine{counts(1, 1)};
    permit held = engine.try_admit("holder").value();
    SUBCASE("before the context ran") {
        asio::io_context io;
        start_all(engine, io.get_executor(), make);
        CHECK(memory.bytes > 0);
    }
    SUBCASE("while it is pending") {
        asio::io_context io;
        // The drain would reject the waiters, so it is left out here.
        admit::async_admit(engine, "a", {.wait_at_most = 1h},
                           asio::bind_executor(io, erased<admit_signature>(memory, calls)));
        admit::async_with_permit(engine, "b", {.wait_at_most = 1h}, no_body(),
                                 asio::bind_executor(io, erased<run_signature>(memory, calls)));
        admit::async_expire(engine, 1h,
                            asio::bind_executor(io, erased<expire_signature>(memory, calls)));
        io.poll();
        CHECK(engine.stats().waiting == 2);
        CHECK(memory.bytes > 0);
    }
    SUBCASE("on a strand") {
        asio::io_context io;
        start_all(engine, asio::make_strand(io), make);
        io.poll();
    }
    CHECK(memory.bytes == 0);
}

TEST_CASE("a handler that is type-erased already is called") {
    counting_memory memory;
    int calls = 0;
    asio::io_context io;
    {
        admit::engine engine{counts(1, 1)};
        permit held = engine.try_admit("holder").value();
        start_all(engine, io.get_executor(),
                  [&]<class Signature> { return erased<Signature>(memory, calls); });
        io.poll();
        CHECK(calls == 2);  // the drain rejected the waiters
        held.end();
        io.poll();
        CHECK(calls == 3);
    }
    admit::engine engine{counts(1, 1)};
    admit::async_with_permit(engine, engine.try_admit("a").value(), {}, no_body(),
                             asio::bind_executor(io, erased<run_signature>(memory, calls)));
    io.restart();
    io.run_for(10ms);
    CHECK(calls == 4);
}

TEST_CASE("a handler that was type-erased twice is called") {
    counting_memory memory;
    int calls = 0;
    asio::io_context io;
    admit::engine engine{counts(1, 1)};
    permit held = engine.try_admit("holder").value();
    start_all(engine, io.get_executor(),
              [&]<class Signature> { return erased_twice<Signature>(memory, calls); });
    held.end();
    io.poll();
    CHECK(calls == 3);
}

#if BOOST_ASIO_VERSION >= 103100
TEST_CASE("asio::cancel_after cancels each operation") {
    admit::engine engine{counts(1, 1)};
    const permit held = engine.try_admit("holder").value();
    asio::io_context io;
    int aborted = 0;
    const auto count = [&](boost::system::error_code error, auto&&...) {
        if (error == asio::error::operation_aborted) ++aborted;
    };
    const auto within = [&](auto handler) {
        return asio::cancel_after(1ms, asio::bind_executor(io, handler));
    };
    admit::async_admit(engine, "a", {.wait_at_most = admit::forever}, within(count));
    admit::async_with_permit(engine, "b", {.wait_at_most = admit::forever}, no_body(),
                             within([&](std::exception_ptr, const admit::outcome& outcome) {
                                 count(outcome.rejected);
                             }));
    admit::async_expire(engine, 1h, within(count));
    io.run();
    CHECK(aborted == 3);
    admit::async_drain(engine, {.deadline = 1h}, within(count));
    io.restart();
    io.run();
    CHECK(aborted == 4);
}

TEST_CASE("asio::cancel_after with a timer of the context lets the context go") {
    admit::engine engine{counts(1, 1)};
    const permit held = engine.try_admit("holder").value();
    asio::io_context io;
    asio::steady_timer timer{io};
    admit::async_admit(engine, "a", {.wait_at_most = admit::forever},
                       asio::cancel_after(timer, 1h, asio::bind_executor(io, [](auto&&...) {})));
    io.poll();
    CHECK(engine.stats().waiting == 1);
}
#endif
