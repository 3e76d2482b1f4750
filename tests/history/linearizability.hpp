// Decides whether a history of concurrent calls can be told as one of calls made one after the
// other: whether each call can be given an instant between its beginning and its return such that
// the sequential specification answers the same.
//
// The search is that of J. M. Wing and C. Gong, "Testing and verifying concurrent objects"
// (Journal of Parallel and Distributed Computing 17, 1993), in the form that G. Lowe calls
// just-in-time linearization ("Testing for linearizability", Concurrency and Computation 29(4),
// 2017): events are read in their order, and calls are given their place only when some call
// returns. Configurations that have been seen are not looked at again. A user's calls alone are a
// history too, as long as the limit on all is out of reach: linearizability is local (M. P. Herlihy
// and J. M. Wing, 1990).
#pragma once

#include "history/operation.hpp"
#include "history/specification.hpp"

namespace history {

bool linearizable(const recording&, const allowances& allowed = {});

/// The calls that concern one user.
recording only_of(const recording&, std::uint8_t user);

}  // namespace history
