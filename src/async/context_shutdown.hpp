// SPDX-License-Identifier: BSL-1.0
// What an engine has in an execution context: the context's waiters and supervisors are abandoned
// when it is destroyed, and a timer tries again what could not be posted to it. wait.cpp and
// run.cpp register each context on which they wait.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <memory>

#include "async/retry_timer.hpp"

namespace admit::detail {

/// When the context is destroyed, its waiters and supervisors in all engines are abandoned, before
/// its timers if they have one. Throws `std::bad_alloc`, or `boost::system::system_error` if the
/// context cannot have timers.
void register_shutdown_hook(boost::asio::execution_context& context, bool with_timer);

/// The context's timer, made at the first call; registers the hook, too. Throws the same.
std::shared_ptr<retry_timer> retry_timer_of(boost::asio::execution_context& context);

}  // namespace admit::detail
