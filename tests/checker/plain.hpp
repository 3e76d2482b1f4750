// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <type_traits>
#include <utility>

#include "checker/access.hpp"

namespace admit::model {

/// Ordinary data that atomics have to guard. Two accesses are a data race if one of them writes and
/// neither happens before the other, whatever values they see.
template <class T>
class plain {
public:
    constexpr plain() : plain(T{}) {}
    explicit(false) constexpr plain(T value) : value_(std::move(value)) {
        if (!std::is_constant_evaluated()) {
            access::construct_plain(this);
        }
    }
    plain(const plain&) = delete;
    plain& operator=(const plain&) = delete;
    ~plain() { access::destroy_plain(this); }

    [[nodiscard]] T get() const {
        access::read_plain(this);
        return value_;
    }

    void set(T value) {
        access::write_plain(this);
        value_ = std::move(value);
    }

private:
    T value_;
};

}  // namespace admit::model
