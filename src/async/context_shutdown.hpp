// Abandons what waits on an execution context that is being destroyed.
#pragma once

#include <boost/asio/execution_context.hpp>

namespace admit::detail {

/// Has the waiters and the supervisors of all engines abandoned that belong to the context, when it
/// is destroyed. Throws `std::bad_alloc`.
void register_shutdown_hook(boost::asio::execution_context& context);

}  // namespace admit::detail
