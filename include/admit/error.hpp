// SPDX-License-Identifier: BSL-1.0
/// @file
/// Why an admission was rejected, as a Boost.System error code.
#pragma once

#include <admit/detail/public.hpp>
#include <admit/version.hpp>
#include <boost/system/error_code.hpp>
#include <type_traits>

namespace admit {

/// The reason of a rejection.
///
/// When several reasons hold, the reason that stands first here is given. An admission that may
/// wait is not rejected with `global_limit` or `user_limit`: it waits.
///
/// An `errc` converts to a `boost::system::error_code` and compares with one:
/// @code
/// auto permit = engine.try_admit(user);
/// if (!permit && permit.error() == admit::errc::user_limit) tell(user, permit.error().message());
/// @endcode
enum class errc {
    /// The engine was closed: it admits nothing more.
    shutting_down = 1,
    /// `limits::max_concurrent` conversations are active.
    global_limit,
    /// The user id is empty or longer than 255 bytes, or the `user_key` is another engine's.
    invalid_user_id,
    /// The user has `limits::max_per_user` conversations.
    user_limit,
    /// The waiting queue is full: `limits::max_waiting` admissions wait already.
    queue_full,
    /// This user's waiting queue is full: `limits::max_waiting_per_user` admissions of the user
    /// wait already.
    user_queue_full,
    /// No slot became free within `wait_options::wait_at_most`, the time that the admission could
    /// wait.
    wait_timeout,
};

/// The category of `errc`.
///
/// @return The only object of this category. Its name is "admit"; its messages are in English.
/// @par Thread safety
/// Any number of threads at once.
/// @par Progress
/// Wait-free.
ADMIT_PUBLIC const boost::system::error_category& error_category() noexcept;

/// Makes an error code of a reason. Found by argument-dependent look-up, so that an `errc` converts
/// to a `boost::system::error_code`.
///
/// @param reason The reason.
/// @return The code of that reason in `error_category()`.
/// @par Thread safety
/// Any number of threads at once.
/// @par Progress
/// Wait-free.
inline boost::system::error_code make_error_code(errc reason) noexcept {
    return {static_cast<int>(reason), error_category()};
}

}  // namespace admit

/// @cond
// Lets an `errc` convert to an error code.
template <>
struct boost::system::is_error_code_enum<admit::errc> : std::true_type {};
/// @endcond
