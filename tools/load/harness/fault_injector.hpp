// SPDX-License-Identifier: BSL-1.0
// Fault injection between the scenarios and the engine, for tests/load/planted_faults.cpp.
// Used by scenario_run.cpp. With `fault::none` every call goes straight through.
#pragma once

#include <admit/engine.hpp>
#include <atomic>
#include <boost/system/result.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "load/harness/subject.hpp"
#include "load/settings.hpp"

namespace admit::load {

/// Each fault must make at least one check fail, so the tests show that the checks can fail.
/// Thread-safe.
class fault_injector {
public:
    explicit fault_injector(fault planted);
    ~fault_injector();
    fault_injector(const fault_injector&) = delete;
    fault_injector& operator=(const fault_injector&) = delete;

    /// Changes the result of one admission. Throws for `fault::exception`.
    boost::system::result<held_permit> alter(boost::system::result<held_permit> admission,
                                             std::string_view user);

    /// For `fault::over_admission`: admits a user at once that would have to wait.
    std::optional<permit> admit_early(engine& under_test, std::string_view user);

    bool loses_waiter() noexcept { return first(fault::lost_waiter); }
    bool requeues_waiter() noexcept { return first(fault::out_of_turn); }

    /// Ends the conversation; for `fault::lost_slot` keeps its slot once.
    bool end(held_permit& held);

    admit::duration slowed(admit::duration sleep) const noexcept;
    bool drops_sample() noexcept { return first(fault::lost_sample); }
    bool stalls_thread() noexcept { return first(fault::stall); }
    bool user_gets_stuck() noexcept { return first(fault::stuck_user); }

private:
    bool first(fault wanted) noexcept { return planted_ == wanted && !used_.exchange(true); }

    static constexpr std::size_t max_leaks = 4096;
    void leak();

    fault planted_;
    std::atomic<bool> used_{false};
    std::atomic<std::size_t> attempts_{0};
    std::optional<engine> second_engine_;  // admits requests that the engine under test rejects
    std::atomic<std::size_t> leaks_{0};
    std::vector<void*> leaked_;
};

}  // namespace admit::load
