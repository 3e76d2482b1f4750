// SPDX-License-Identifier: BSL-1.0
// The waiting requests of one history of real threads, for recorder.cpp. Their handlers, time-outs
// and cancellations run on a context that every thread polls between its calls.
#pragma once

#include <admit/permit.hpp>
#include <array>
#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "history/operation.hpp"
#include "history/subject.hpp"

namespace history {

class requests {
public:
    using event_clock = std::atomic<std::uint32_t>;  // orders all events
    using publisher = std::function<void(std::uint8_t conversation, const admit::conversation_id&)>;

    requests(subject& under_test, event_clock& clock, publisher publish);
    /// Requests that still wait are dropped with their context.
    ~requests();
    requests(const requests&) = delete;
    requests& operator=(const requests&) = delete;

    /// Calls the initiating function of `op.waiter`.
    void wait(const operation& op, const std::string& user, admit::duration at_most);

    /// Has a request cancelled by one of the threads that poll, if its wait has begun.
    void cancel(std::uint8_t waiter);

    void poll(unsigned thread);

    /// Runs all that can run. The caller's thread is the only one.
    void run_to_rest();

    /// Adds what was recorded, and the point of rest.
    void collect(std::vector<operation>& history, int active, int waiting);

private:
    struct request {
        explicit request(boost::asio::io_context& context)
            : strand{boost::asio::make_strand(context)} {}

        boost::asio::strand<boost::asio::io_context::executor_type> strand;
        boost::asio::cancellation_signal signal;
        std::atomic<bool> begun{false};
        std::atomic<bool> cancelled{false};  // a cancellation was posted
        bool times_out = false;
        std::uint8_t conversation = 0;
        operation answer;
        int answers = 0;  // calls of the handler
        operation withdrawal;
    };

    void emit(std::uint8_t waiter);
    void answered(std::uint8_t waiter, const history::answer& given);

    subject& subject_;
    event_clock& clock_;
    const publisher publish_;
    boost::asio::io_context context_;
    std::array<std::optional<request>, max_waiters> requests_;
    bool resting_ = false;
};

}  // namespace history
