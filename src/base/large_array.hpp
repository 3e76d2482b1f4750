// SPDX-License-Identifier: BSL-1.0
// An array of one length for the whole of its life, on large pages when it is large. A table of
// many megabytes that is read at random misses the address translation of nearly each line.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace admit::core {

/// Asks the system for large pages for a block that nothing was written to yet. May do nothing.
using page_advice = void (*)(void* block, std::size_t bytes) noexcept;

/// `count` default-constructed objects. The constructor throws `std::bad_alloc`.
template <class T>
class large_array {
public:
    explicit large_array(std::size_t count, page_advice advise = nullptr)
        : count_{count}, items_{static_cast<T*>(::operator new(bytes(), alignment()))} {
        if (is_large() && advise != nullptr) advise(items_, bytes());
        std::uninitialized_value_construct_n(items_, count_);
    }
    ~large_array() {
        std::destroy_n(items_, count_);
        ::operator delete(items_, alignment());
    }
    large_array(const large_array&) = delete;
    large_array& operator=(const large_array&) = delete;

    T& operator[](std::size_t at) const noexcept { return items_[at]; }

private:
    static constexpr std::size_t large_page = std::size_t{2} << 20;

    std::size_t bytes() const noexcept { return count_ * sizeof(T); }
    bool is_large() const noexcept { return bytes() >= 4 * large_page; }
    std::align_val_t alignment() const noexcept {
        return std::align_val_t{is_large() ? large_page : alignof(T)};
    }

    const std::size_t count_;
    T* const items_;
};

}  // namespace admit::core
