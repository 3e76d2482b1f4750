// SPDX-License-Identifier: BSL-1.0
// A user as the core sees it: the bytes of the user id, and their keyed hash. All admissions and
// listings pass it on.
#pragma once

#include "users/lane.hpp"
#include "users/siphash.hpp"

namespace admit::core {

/// Borrows the bytes. The default, with an empty id, is no user.
struct user_ref {
    std::string_view id;
    user_tag tag = no_user;

    explicit operator bool() const noexcept { return !id.empty(); }
};

/// The user with that id; no user if the id is not 1 to `max_user_id_bytes` bytes long.
inline user_ref user_of(const hash_key& key, std::string_view id) noexcept {
    if (id.empty() || id.size() > max_user_id_bytes) return {};
    const user_tag hash = siphash13::hash(key, id);
    return {id, hash != no_user ? hash : 1};
}

}  // namespace admit::core
