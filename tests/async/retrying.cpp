// SPDX-License-Identifier: BSL-1.0
// Each allocation of a call that ends a supervised conversation fails: its body is cancelled all
// the same, without another call, as soon as there is memory.
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "support/allocations.hpp"
#include "support/async.hpp"
#include "support/printing.hpp"

namespace asio = boost::asio;
using admit::permit;
using admit::status;
using support::counts;
using support::pause;
using support::allocations::shortage;
using support::allocations::watch;
using namespace std::chrono_literals;

namespace {

enum class way { by_id, engine_goes, expires };

/// A supervised body that waits until it is cancelled.
class supervised {
    std::promise<admit::outcome> promise_;

public:
    template <class Executor>
    supervised(const Executor& executor, std::unique_ptr<admit::engine>& engine) : engine_{engine} {
        auto body = [this](permit& permit) -> asio::awaitable<void> {
            began_.set_value(permit.id());
            co_await pause(24h);
        };
        admit::async_with_permit(
            *engine, "alice", {.grace = 24h}, body,
            asio::bind_executor(executor, [this](std::exception_ptr thrown, admit::outcome out) {
                CHECK_FALSE(thrown);
                promise_.set_value(out);
            }));
    }

    std::future<admit::conversation_id> began() { return began_.get_future(); }
    void end(way how) {
        switch (how) {
            case way::by_id: CHECK(engine_->end(id, status::error)); break;
            case way::engine_goes: engine_.reset(); break;
            case way::expires: CHECK(engine_->expire(admit::time_point::max()) == 1); break;
        }
    }

    admit::conversation_id id;

private:
    std::unique_ptr<admit::engine>& engine_;
    std::promise<admit::conversation_id> began_;

public:
    std::future<admit::outcome> result = promise_.get_future();
};

status expected(way how) {
    if (how == way::by_id) return status::error;
    return how == way::expires ? status::idle : status::drained;
}

std::unique_ptr<admit::engine> make_engine() {
    admit::limits limits = counts(2, 2);
    limits.idle_timeout = 1h;
    return std::make_unique<admit::engine>(limits);
}

}  // namespace

TEST_CASE("a body is cancelled although an allocation of the ending fails") {
    for (const way how : {way::by_id, way::engine_goes, way::expires})
        for (const bool all : {false, true}) {
            bool failed = true;
            for (std::uint64_t nth = 1; failed; ++nth) {
                CAPTURE(how);
                CAPTURE(nth);
                REQUIRE(nth < 50);
                auto engine = make_engine();
                asio::io_context io;
                supervised body{io.get_executor(), engine};
                auto began = body.began();
                io.poll();
                body.id = began.get();
                {
                    const watch failing{nth, all};
                    body.end(how);
                }
                failed = support::allocations::count() >= nth;
                io.run();  // returns: nothing is left to retry
                REQUIRE(body.result.wait_for(0s) == std::future_status::ready);
                CHECK(body.result.get().ended == expected(how));
            }
        }
}

TEST_CASE("a body on any executor is cancelled by the context's threads alone") {
    const auto check = [](const auto& executor, way how) {
        auto engine = make_engine();
        supervised body{executor, engine};
        body.id = body.began().get();
        {
            const shortage none;
            body.end(how);
        }
        REQUIRE(body.result.wait_for(30s) == std::future_status::ready);
        CHECK(body.result.get().ended == expected(how));
    };
    for (const way how : {way::by_id, way::engine_goes, way::expires}) {
        CAPTURE(how);
        asio::thread_pool pool{2};
        for (int round = 0; round < 20; ++round) {
            check(pool.get_executor(), how);
            check(asio::make_strand(pool), how);
            check(asio::system_executor{}, how);
        }
        pool.join();  // returns: the timer of the context is no work
    }
}

TEST_CASE("a retry that has no memory is repeated every 10 ms until there is some") {
    auto engine = make_engine();
    asio::io_context io;
    supervised body{io.get_executor(), engine};
    auto began = body.began();
    io.poll();
    body.id = began.get();
    {
        const shortage none;
        body.end(way::by_id);
        // The context's thread is without memory as well.
        const auto until = std::chrono::steady_clock::now() + 50ms;
        while (std::chrono::steady_clock::now() < until) io.poll();
    }
    CHECK(body.result.wait_for(0s) == std::future_status::timeout);
    io.restart();
    io.run();
    REQUIRE(body.result.wait_for(0s) == std::future_status::ready);
    CHECK(body.result.get().ended == status::error);
}

TEST_CASE("a drain that fails at its n-th allocation on its way loses no conversation") {
    bool failed = true;
    std::uint64_t nth = 1;
    for (; failed; ++nth) {
        CAPTURE(nth);
        REQUIRE(nth < 50);
        auto engine = make_engine();
        asio::io_context io;
        supervised body{io.get_executor(), engine};
        auto began = body.began();
        io.poll();
        body.id = began.get();
        std::size_t cut = 0;
        boost::system::error_code result;
        auto handler = asio::bind_executor(
            io, [&](boost::system::error_code error, const admit::drain_report& report) {
                result = error;
                cut += report.cut.size();
                CHECK(report.overstayed == 0);
                CHECK(report.completed == 0);
            });
        admit::async_drain(*engine, {.deadline = 0s}, handler);
        {
            const watch failing{nth};
            io.poll_one();  // cuts off
        }
        failed = support::allocations::count() >= nth;
        for (io.run_for(20ms); result == asio::error::no_memory; io.run()) {
            result = {};
            admit::async_drain(*engine, {.deadline = 0s}, handler);
            io.restart();
        }
        io.restart();
        io.run();
        CHECK_FALSE(result);
        CHECK(cut == 1);
        REQUIRE(body.result.wait_for(0s) == std::future_status::ready);
        CHECK(body.result.get().ended == status::drained);
    }
    CHECK(nth > 3);
}

TEST_CASE("a context after its last supervised operation has no work left") {
    auto engine = make_engine();
    asio::io_context io;
    for (int i = 0; i < 3; ++i) {
        auto body = [](permit&) -> asio::awaitable<void> { co_return; };
        admit::async_with_permit(*engine, "alice", {}, body,
                                 asio::bind_executor(io, asio::detached));
        io.restart();
        io.run();  // returns
        CHECK(engine->active_count() == 0);
    }
}

TEST_CASE("a context that goes while a supervisor could not be woken is left alone afterwards") {
    auto engine = make_engine();
    {
        asio::io_context io;
        supervised body{io.get_executor(), engine};
        auto began = body.began();
        io.poll();
        body.id = began.get();
        const shortage none;
        body.end(way::by_id);
    }
    engine->expire(std::chrono::steady_clock::now());
    support::check_at_rest(*engine);
}
