// SPDX-License-Identifier: BSL-1.0
// Abandons the waiters and supervisors of an execution context that is being destroyed. wait.cpp
// and run.cpp register each context on which they wait.
#pragma once

#include <boost/asio/execution_context.hpp>

namespace admit::detail {

/// When the context is destroyed, its waiters and supervisors in all engines are abandoned. Throws
/// `std::bad_alloc`.
void register_shutdown_hook(boost::asio::execution_context& context);

}  // namespace admit::detail
