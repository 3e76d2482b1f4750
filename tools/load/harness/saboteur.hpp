// Stands between the scenarios and the engine and, when a test wants it, breaks what it hands on.
#pragma once

#include <admit/engine.hpp>
#include <atomic>
#include <boost/system/result.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "load/settings.hpp"

namespace admit::load {

/// A check that cannot fail is worth nothing: each fault here must make at least one fail. With
/// `fault::none` every call goes straight through.
class saboteur {
public:
    explicit saboteur(fault planted);
    ~saboteur();
    saboteur(const saboteur&) = delete;
    saboteur& operator=(const saboteur&) = delete;

    /// Changes the outcome of one admission. Throws for `fault::exception`.
    boost::system::result<permit> tamper(boost::system::result<permit> admission,
                                         std::string_view user);

    /// Lets in at once who would have to wait, if that is the fault.
    std::optional<permit> let_in(engine& under_test, std::string_view user);

    bool loses_waiter() noexcept { return first(fault::lost_waiter); }
    bool sends_back() noexcept { return first(fault::out_of_turn); }

    /// Ends the conversation, or pretends to.
    bool end(permit& held);

    admit::duration slowed(admit::duration rest) const noexcept;
    bool swallows_sample() noexcept { return first(fault::lost_sample); }
    bool user_gets_stuck() noexcept { return first(fault::stuck_user); }

private:
    bool first(fault wanted) noexcept { return planted_ == wanted && !used_.exchange(true); }

    static constexpr std::size_t most_leaks = 4096;
    void leak();

    fault planted_;
    std::atomic<bool> used_{false};
    std::atomic<std::size_t> attempts_{0};
    std::optional<engine> accomplice_;  // admits what the engine under test refused
    std::atomic<std::size_t> leaks_{0};
    std::vector<void*> leaked_;
};

}  // namespace admit::load
