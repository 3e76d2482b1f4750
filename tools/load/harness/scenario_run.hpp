// SPDX-License-Identifier: BSL-1.0
// The shared state of one run, and the operations of its simulated users.
// Used by all scenarios; made by runner.cpp. See docs/load_testing.md#how-a-run-works.
#pragma once

#include <admit/engine.hpp>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "common/interrupt.hpp"
#include "load/checklist.hpp"
#include "load/harness/collector.hpp"
#include "load/harness/fault_injector.hpp"
#include "load/harness/latch.hpp"
#include "load/harness/outside_count.hpp"
#include "load/harness/watched_permit.hpp"
#include "load/plan.hpp"

namespace admit::load {

/// One run of one scenario. Any coroutine of the run may call any member, but only the first one
/// may call `checks`, `expect_waiting` and `new_latch`.
class scenario_run {
public:
    scenario_run(const plan& numbers, subject& tested, boost::asio::io_context& context,
                 collector& samples, outside_count& outside, checklist& checks,
                 const std::vector<std::string>& names);

    const plan& numbers() const noexcept { return numbers_; }
    admit::engine& engine() noexcept { return subject_.engine(); }
    outside_count& outside() noexcept { return outside_; }
    checklist& checks() noexcept { return checks_; }
    const std::string& name(std::size_t user) const { return names_[user]; }
    steady::time_point began() const noexcept { return began_; }
    steady::duration elapsed() const noexcept { return steady::now() - began_; }

    /// Requests a conversation for this user, which does not wait, and counts the result.
    boost::system::result<watched_permit> start(std::size_t user, std::uint32_t kind);

    /// Whether the user has asked the run to stop. What is at work goes on to its end.
    bool stopping() const noexcept { return tools::interrupts() > 0; }

    /// Whether starts wait for a free slot.
    bool waits() const noexcept { return numbers_.wait.count() > 0; }

    /// Requests a conversation as `how` says. With `give_up_after` the coroutine must run on a
    /// strand.
    boost::asio::awaitable<boost::system::result<watched_permit>> admission(std::size_t user,
                                                                            start_options how);

    /// Completes when exactly this many requests were made, and each was answered or waits.
    boost::asio::awaitable<void> until_settled(std::uint64_t attempts);

    /// Checks the number of waiters that the engine reports.
    void expect_waiting(std::size_t waiters, std::string_view when);

    /// Completes after `length`; without a length, after other coroutines had their turn.
    boost::asio::awaitable<void> sleep(admit::duration length);

    /// Lets other coroutines run.
    boost::asio::awaitable<void> yield();

    /// Makes a latch that lives as long as the run. A coroutine that waits for a latch in its own
    /// frame could not be destroyed.
    latch& new_latch(std::size_t expected) { return latches_.emplace_back(expected); }

    /// Destroys coroutines that still wait for a latch. Call after the workers were joined and
    /// before the context is destroyed.
    void destroy_waiters() noexcept;

    /// Starts a user, and arrives at `finished` when it ends. An exception of the user stops the
    /// run.
    void spawn(boost::asio::awaitable<void> user, latch& finished, bool on_strand = false);

    /// Counts a planned start, which came this much after its instant.
    void note_arrival(admit::duration delay, bool late);

    /// Counts an exception, keeps the text of the first, and stops the context.
    void failed(std::exception_ptr exception) noexcept;

    std::uint64_t exceptions() const noexcept { return exceptions_.load(); }
    std::uint64_t abandoned() const noexcept { return abandoned_.load(); }
    /// Call after the workers were joined.
    const std::string& first_exception() const noexcept { return first_exception_; }

private:
    friend class watched_permit;
    bool settled(std::uint64_t attempts) const noexcept;
    bool by_key(const worker_record& lane) const noexcept;
    boost::system::result<held_permit> request(std::size_t user, const start_options& how);
    boost::system::result<watched_permit> start(std::size_t user, const start_options& how);
    boost::asio::awaitable<boost::system::result<held_permit>> wait_in_queue(std::size_t user,
                                                                             start_options how);
    boost::asio::awaitable<boost::system::result<held_permit>> wait_in_queue_with_faults(
        std::size_t user, start_options how);
    boost::system::result<watched_permit> note(boost::system::result<held_permit> answer,
                                               std::size_t user, const start_options& how,
                                               steady::time_point asked);
    possible_count::instant note_attempt() noexcept;
    void note_over() noexcept;
    void note_rejection(const boost::system::error_code& reason, possible_count::instant began);
    void finish(watched_permit& held, bool calls_only);

    const plan& numbers_;
    subject& subject_;
    admit::engine& engine_;
    boost::asio::io_context& context_;
    collector& samples_;
    outside_count& outside_;
    checklist& checks_;
    const std::vector<std::string>& names_;
    std::vector<user_key> keys_;
    possible_count possible_;
    fault_injector injector_;
    std::list<latch> latches_;
    std::optional<latch> never_{1};  // `fault::stuck_user` and `lost_waiter` wait here
    steady::time_point began_ = steady::now();
    std::atomic<std::uint64_t> exceptions_{0};
    std::atomic<std::uint64_t> abandoned_{0};
    std::string first_exception_;  // written by the thread that counts the first exception
};

}  // namespace admit::load
