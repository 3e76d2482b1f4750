// SPDX-License-Identifier: BSL-1.0
// Short forms that tests of the engine use: limits without timeouts, user ids, many admissions.
#pragma once

#include <admit/engine.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Limits without timeouts.
inline admit::limits counts(std::size_t max_concurrent, std::size_t max_per_user) {
    return {.max_concurrent = max_concurrent,
            .max_per_user = max_per_user,
            .idle_timeout = admit::never,
            .max_duration = admit::never};
}

/// The reason of a rejection. An admission gives the empty code, and its conversation ends at once.
template <class User>
boost::system::error_code rejection(admit::engine& engine, const User& user) {
    return engine.try_admit(user).error();
}

/// A user id for each number.
inline std::string user_number(std::size_t number) { return "user" + std::to_string(number); }

/// Admits conversations of different users until `count` are active or one is rejected.
inline std::vector<admit::permit> admit_strangers(admit::engine& engine, std::size_t count) {
    std::vector<admit::permit> permits;
    permits.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto permit = engine.try_admit(user_number(i));
        if (!permit) break;
        permits.push_back(std::move(*permit));
    }
    return permits;
}

}  // namespace support
