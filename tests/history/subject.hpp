// SPDX-License-Identifier: BSL-1.0
// The object under test: an engine. Tests of the checker derive classes with planted mistakes.
#pragma once

#include <admit/engine.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "history/operation.hpp"

namespace history {

struct answer {
    admit::errc reason{};  // zero: admitted
    admit::conversation_id id;
};

/// How a waiting request goes on, and where.
struct continuation {
    boost::asio::any_io_executor executor;
    boost::asio::cancellation_slot slot;
    std::function<void(const answer&)> handler;  // `aborted` for a cancellation
};

class subject {
public:
    /// `kept` conversations stay active beside those of the history, so that a few calls suffice to
    /// test an engine with many slots.
    subject(limits first, std::size_t kept);
    virtual ~subject() = default;
    subject(const subject&) = delete;
    subject& operator=(const subject&) = delete;

    virtual answer admit(const std::string& user);
    virtual void wait(const std::string& user, admit::duration at_most, const continuation& then);
    virtual bool end(const admit::conversation_id& id) { return engine_.end(id); }
    virtual void set_limits(limits wanted) { engine_.set_limits(with_kept(wanted)); }
    virtual void close() { engine_.close(); }

    /// Counts of conversations, without those that are kept, and of requests that wait.
    virtual int active() const { return static_cast<int>(engine_.stats().active - kept_); }
    virtual int waiting() const { return static_cast<int>(engine_.stats().waiting); }

private:
    admit::limits with_kept(limits wanted) const;

    std::size_t kept_;
    admit::engine engine_;
    std::vector<admit::permit> held_;
};

}  // namespace history
