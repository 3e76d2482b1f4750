// SPDX-License-Identifier: BSL-1.0
// The object under test: an engine. Tests of the checker derive classes with planted mistakes.
#pragma once

#include <admit/engine.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "history/operation.hpp"

namespace history {

struct answer {
    admit::errc reason{};  // zero: admitted
    admit::conversation_id id;
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
    virtual bool end(const admit::conversation_id& id) { return engine_.end(id); }
    virtual void set_limits(limits wanted) { engine_.set_limits(with_kept(wanted)); }
    virtual void close() { engine_.close(); }

private:
    admit::limits with_kept(limits wanted) const;

    std::size_t kept_;
    admit::engine engine_;
    std::vector<admit::permit> held_;
};

}  // namespace history
