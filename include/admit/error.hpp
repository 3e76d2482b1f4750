// Why an admission was rejected, as a Boost.System error code.
#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <type_traits>

namespace admit {

/// The reason of a rejection. When several hold, the one that stands first here is given; but who
/// may wait is not rejected by a limit.
enum class errc {
    /// The engine was closed: it admits nothing more.
    shutting_down = 1,
    /// `limits::max_concurrent` conversations are active.
    global_limit,
    /// The user id is empty or longer than 255 bytes, or the `user_key` is another engine's.
    invalid_user_id,
    /// The user has `limits::max_per_user` conversations.
    user_limit,
    /// `limits::max_waiting` admissions wait already.
    queue_full,
    /// `limits::max_waiting_per_user` admissions of the user wait already.
    user_queue_full,
    /// No room within the time that the caller was ready to wait.
    wait_timeout,
};

/// The category of `errc`; its name is "admit". Thread-safe, wait-free.
const boost::system::error_category& error_category() noexcept;

/// Found by argument-dependent look-up, so that an `errc` converts to an `error_code`.
inline boost::system::error_code make_error_code(errc reason) noexcept {
    return {static_cast<int>(reason), error_category()};
}

}  // namespace admit

template <>
struct boost::system::is_error_code_enum<admit::errc> : std::true_type {};
