// SPDX-License-Identifier: BSL-1.0
// Converts values of the library to text for the messages of doctest.
#pragma once

#include <doctest/doctest.h>
#include <admit/engine.hpp>
#include <string>

namespace doctest {

template <>
struct StringMaker<admit::errc> {
    static String convert(admit::errc reason) { return make_error_code(reason).message().c_str(); }
};

template <>
struct StringMaker<boost::system::error_code> {
    static String convert(const boost::system::error_code& code) { return code.what().c_str(); }
};

template <>
struct StringMaker<boost::system::result<admit::permit>> {
    static String convert(const boost::system::result<admit::permit>& result) {
        return result ? "a permit" : result.error().what().c_str();
    }
};

template <>
struct StringMaker<admit::duration> {
    static String convert(admit::duration length) {
        return (std::to_string(length.count()) + " ns").c_str();
    }
};

template <>
struct StringMaker<admit::conversation_id> {
    static String convert(const admit::conversation_id& id) { return to_string(id).c_str(); }
};

template <>
struct StringMaker<admit::limits> {
    static String convert(const admit::limits& limits) {
        return (std::to_string(limits.max_concurrent) + " in all, " +
                std::to_string(limits.max_per_user) + " per user, idle after " +
                std::to_string(limits.idle_timeout.count()) + " ns, at most " +
                std::to_string(limits.max_duration.count()) + " ns")
            .c_str();
    }
};

}  // namespace doctest
