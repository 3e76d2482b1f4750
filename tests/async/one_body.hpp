// SPDX-License-Identifier: BSL-1.0
// One operation of `async_with_permit` at a time, for outcomes.cpp and held_permits.cpp.
#pragma once

#include <functional>
#include <utility>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

namespace support {

using admit::permit;
using admit::status;
using namespace std::chrono_literals;

using body = std::function<asio::awaitable<void>(permit&)>;

/// An engine with a virtual clock, and one operation at a time in it.
struct one_body {
    one_body() { virtual_clock::set(1000s); }

    auto handler() {
        return asio::bind_executor(
            io, asio::bind_cancellation_slot(
                    cancelling.slot(), [this](std::exception_ptr raised, admit::outcome outcome) {
                        ++times;
                        thrown = std::move(raised);
                        result = std::move(outcome);
                    }));
    }
    void start(body work) { admit::async_with_permit(engine, "alice", {}, work, handler()); }
    void start(permit held, body work) {
        admit::async_with_permit(engine, std::move(held), {}, work, handler());
    }
    void poll() {
        io.restart();
        io.poll();
    }
    void expire() {
        virtual_clock::advance(10s);
        engine.expire(virtual_clock::now());
        poll();
    }
    /// How many conversations the statistics count under a status.
    std::uint64_t counted(status how) const {
        const admit::endings ended = engine.stats().ended;
        switch (how) {
            case status::completed: return ended.completed;
            case status::idle: return ended.idle;
            case status::timed_out: return ended.timed_out;
            case status::error: return ended.error;
            case status::drained: return ended.drained;
            case status::cancelled: return ended.cancelled;
        }
        return 0;
    }

    admit::engine engine{admit::limits{.max_concurrent = 2, .max_per_user = 1, .idle_timeout = 10s},
                         virtual_clock::source()};
    asio::io_context io;
    asio::cancellation_signal cancelling;
    int times = 0;
    std::exception_ptr thrown;
    admit::outcome result;
};

inline asio::awaitable<void> sleeps(permit&) { co_await pause(1h); }

}  // namespace support
