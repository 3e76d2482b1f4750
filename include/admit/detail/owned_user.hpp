// SPDX-License-Identifier: BSL-1.0
// A user as an operation remembers it; wait_op.hpp keeps it. Not for users of the library.
#pragma once

#include <admit/detail/engine_ref.hpp>
#include <admit/detail/public.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace admit::detail {

/// A user id and its hash in an engine; an empty id for no user of that engine.
///
/// The first object borrows the bytes from the caller of an operation, and a copy owns its bytes.
/// So an operation that is decided at once copies nothing, and an operation that waits, or is
/// launched later, owns what it needs.
class ADMIT_PUBLIC owned_user {
public:
    owned_user() noexcept = default;
    owned_user(engine_ref engine, const user_key& user) noexcept;
    owned_user(engine_ref engine, std::string_view user) noexcept;
    owned_user(const owned_user& other);
    owned_user(owned_user&& other) : owned_user{static_cast<const owned_user&>(other)} {}
    owned_user& operator=(owned_user&&) = delete;
    ~owned_user() {
        if (on_heap_) delete[] data_;
    }

    std::string_view id() const noexcept { return {data_, size_}; }
    std::uint64_t tag() const noexcept { return tag_; }

private:
    static constexpr std::size_t max_inline = 30;  // nearly all ids are that short

    const char* data_ = nullptr;
    std::uint64_t tag_ = 0;
    std::uint8_t size_ = 0;
    bool on_heap_ = false;     ///< `data_` is owned, and too long for `inline_`
    char inline_[max_inline];  ///< the bytes of a short id that is owned
};

}  // namespace admit::detail
