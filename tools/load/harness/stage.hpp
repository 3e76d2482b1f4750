// What the coroutines of one run share, and the steps they are written with.
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

#include "load/checklist.hpp"
#include "load/harness/collector.hpp"
#include "load/harness/latch.hpp"
#include "load/harness/outside_count.hpp"
#include "load/harness/saboteur.hpp"
#include "load/plan.hpp"

namespace admit::load {

using steady = std::chrono::steady_clock;

class stage;

/// A permit whose conversation is counted from outside for as long as it is surely active.
class watched_permit {
public:
    watched_permit() noexcept = default;
    watched_permit(watched_permit&& other) noexcept;
    watched_permit& operator=(watched_permit&&) = delete;

    /// A user who goes away without ending the conversation has abandoned it: a check fails.
    ~watched_permit();

    void touch();

    /// Ends the conversation. Response time: from asking to the return of the end.
    void end();

    /// The same where conversations are held for no purpose of their own. Response time: what the
    /// calls to start and to end took.
    void end_timing_calls();

private:
    friend class stage;
    watched_permit(stage& owner, permit held, std::size_t user, std::uint32_t kind,
                   steady::time_point asked) noexcept;

    stage* stage_ = nullptr;
    permit permit_;
    std::uint32_t user_ = 0;
    std::uint32_t kind_ = 0;
    steady::time_point asked_;
    steady::time_point admitted_;
};

/// One run of one scenario. Every member may be called by any of the run's coroutines, but
/// `checks` only by the scenario's first one.
class stage {
public:
    stage(const plan& numbers, admit::engine& engine, boost::asio::io_context& context,
          collector& samples, outside_count& outside, checklist& checks,
          const std::vector<std::string>& names);

    const plan& numbers() const noexcept { return numbers_; }
    admit::engine& engine() noexcept { return engine_; }
    outside_count& outside() noexcept { return outside_; }
    checklist& checks() noexcept { return checks_; }
    const std::string& name(std::size_t user) const { return names_[user]; }
    steady::duration elapsed() const noexcept { return steady::now() - began_; }

    /// Asks the engine for a conversation of this user, and counts what came of it.
    boost::system::result<watched_permit> start(std::size_t user, std::uint32_t kind = 0);

    /// Whether starts wait for room.
    bool waits() const noexcept { return numbers_.wait.count() > 0; }

    /// The same where the user can be suspended: waits for room if that is what the plan says.
    boost::asio::awaitable<boost::system::result<watched_permit>> admission(std::size_t user,
                                                                            std::uint32_t kind = 0);

    /// Whether so many asked in all until now, and each of them was answered or is in the queue.
    bool settled(std::uint64_t attempts) const noexcept;

    /// From now on every second start goes by `user_key`. Before any other coroutine runs.
    void use_keys();

    /// Completes after this long. A touch after each step.
    boost::asio::awaitable<void> rest(admit::duration length);
    boost::asio::awaitable<void> work(watched_permit& held, admit::duration step, int steps);

    /// Lets the others go on.
    boost::asio::awaitable<void> yield();

    /// A latch that lives as long as the run: a coroutine that waits for a latch of its own frame
    /// could never be destroyed. For the scenario's first coroutine.
    latch& new_latch(std::size_t expected) { return latches_.emplace_back(expected); }

    /// After the workers were joined and before the context is destroyed: lets go of coroutines
    /// that nobody will resume.
    void drop_waiters() noexcept;

    /// Starts a user. Arrives at `finished` when the user is done; an exception that escapes the
    /// user is noted and stops the run.
    void spawn(boost::asio::awaitable<void> user, latch& finished);

    void failed(std::exception_ptr why) noexcept;

    std::uint64_t exceptions() const noexcept { return exceptions_.load(); }
    std::uint64_t abandoned() const noexcept { return abandoned_.load(); }
    /// After the workers were joined.
    const std::string& first_exception() const noexcept { return first_exception_; }

private:
    friend class watched_permit;
    bool by_key(const worker_lane& lane) const noexcept;
    boost::system::result<permit> ask(std::size_t user);
    boost::asio::awaitable<boost::system::result<permit>> queue_up(std::size_t user);
    boost::asio::awaitable<boost::system::result<permit>> queue_up_with_faults(std::size_t user);
    boost::system::result<watched_permit> note(boost::system::result<permit> answer,
                                               std::size_t user, std::uint32_t kind,
                                               steady::time_point asked);
    void finish(watched_permit& held, bool calls_only);

    const plan& numbers_;
    admit::engine& engine_;
    boost::asio::io_context& context_;
    collector& samples_;
    outside_count& outside_;
    checklist& checks_;
    const std::vector<std::string>& names_;
    std::vector<user_key> keys_;
    saboteur saboteur_;
    std::list<latch> latches_;
    std::optional<latch> never_{1};  // where a planted stuck user waits
    steady::time_point began_ = steady::now();
    std::atomic<std::uint64_t> exceptions_{0};
    std::atomic<std::uint64_t> abandoned_{0};
    std::string first_exception_;  // written by whoever counts the first exception
};

}  // namespace admit::load
