// SPDX-License-Identifier: BSL-1.0
// `async_admit`: what an engine says to a request at once, by the one way in of src/lifecycle; the
// wait that may follow is in wait.cpp. `async_with_permit` begins here, too.
#include <admit/detail/operations.hpp>
#include <algorithm>

#include "engine/access.hpp"
#include "engine/limits.hpp"
#include "lifecycle/starting.hpp"
#include "system/this_thread.hpp"
#include "waiting/fair_queue.hpp"

namespace admit::detail {

owned_user::owned_user(engine_ref engine, const user_key& user) noexcept {
    const core::user_ref found = access::user_of(user, engine.number());
    data_ = found.id.data();
    size_ = static_cast<std::uint8_t>(found.id.size());
    tag_ = found.tag;
}

owned_user::owned_user(engine_ref engine, std::string_view user) noexcept {
    const core::user_ref found = core::user_of(engine.core().key, user);
    data_ = found.id.data();
    size_ = static_cast<std::uint8_t>(found.id.size());
    tag_ = found.tag;
}

owned_user::owned_user(const owned_user& other)
    : tag_{other.tag_}, size_{other.size_}, on_heap_{size_ > max_inline} {
    char* const bytes = on_heap_ ? new char[size_] : inline_;
    std::copy_n(other.data_, size_, bytes);
    data_ = bytes;
}

void check_priority(std::string_view field, unsigned priority) {
    check_count(field, priority, core::priorities - 1);
}

inline namespace ADMIT_ASIO_BUILD {

answer ask(const request& wanted) noexcept {
    if (!wanted.engine.alive())
        return {.final = true, .reason = errc::shutting_down, .granted = {}};
    const core::verdict verdict = core::ask(
        wanted.engine.core(), system::this_thread(), {wanted.user.id(), wanted.user.tag()},
        core::own_limit(wanted.max_per_user), wanted.wait_at_most > duration::zero());
    // The permit is made where it is returned, since a permit just written is slow to move.
    if (verdict)
        return {.final = true,
                .reason = {},
                .granted = access::make_permit(verdict, wanted.engine.number())};
    return {.final = verdict.reason != errc{}, .reason = verdict.reason, .granted = {}};
}

}  // namespace ADMIT_ASIO_BUILD
}  // namespace admit::detail
