// SPDX-License-Identifier: BSL-1.0
// Decides whether a history of concurrent calls is linearizable, for the tests in this folder.
// Linearizable: each call takes effect at one instant between its beginning and its return, and the
// sequential specification gives the same answers in that order.
#pragma once

#include <cstdint>
#include <optional>

#include "history/operation.hpp"
#include "history/specification.hpp"

namespace history {

/// The search is that of J. M. Wing and C. Gong, "Testing and verifying concurrent objects"
/// (Journal of Parallel and Distributed Computing 17, 1993). It has the form that G. Lowe calls
/// just-in-time linearization ("Testing for linearizability", Concurrency and Computation 29(4),
/// 2017): events are read in their order, and calls take effect only when some call returns. Each
/// configuration is visited once. Returns the first instant up to which no order of the calls gives
/// the answers; nothing if the whole history is linearizable.
std::optional<std::uint32_t> unexplained_at(const recording&, const allowances& allowed = {});

inline bool linearizable(const recording& whole, const allowances& allowed = {}) {
    return !unexplained_at(whole, allowed);
}

/// The calls that concern one user. They are a history of their own when the global limit is out of
/// reach, because linearizability is local (M. P. Herlihy and J. M. Wing, 1990).
recording only_of(const recording&, std::uint8_t user);

}  // namespace history
