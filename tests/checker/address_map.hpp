// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace admit::model {

/// Maps addresses to indices by open addressing; clear() takes constant time.
/// The objects under test hold nothing of the checker's, so that they have the product's size.
/// A look-up never reads an object, so that it is safe after the memory of the object was freed.
class address_map {
public:
    static constexpr std::uint32_t absent = UINT32_MAX;

    [[nodiscard]] std::uint32_t find(const void* address) const {
        const entry& found = entries_[position_of(address)];
        return found.generation == generation_ ? found.index : absent;
    }

    /// Inserts or replaces an entry; the index `absent` erases it.
    void assign(const void* address, std::uint32_t index) {
        if (2 * used_ >= entries_.size()) {
            grow();
        }
        entry& target = entries_[position_of(address)];
        if (target.generation != generation_) {
            ++used_;
        }
        target = {address, index, generation_};
        assert(used_ < entries_.size());  // a free entry ends every search
    }

    void clear() {
        ++generation_;
        used_ = 0;
    }

private:
    struct entry {
        const void* address = nullptr;
        std::uint32_t index = absent;
        std::uint64_t generation = 0;  // an entry of an earlier generation is free
    };

    /// Of the entry of `address`, or of the free entry where it belongs.
    [[nodiscard]] std::size_t position_of(const void* address) const {
        std::size_t i = hash(address);
        while (entries_[i].generation == generation_ && entries_[i].address != address) {
            i = (i + 1) & (entries_.size() - 1);
        }
        return i;
    }

    [[nodiscard]] std::size_t hash(const void* address) const {
        const auto bits = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address));
        return static_cast<std::size_t>((bits * 0x9e3779b97f4a7c15U) >> 32U) &
               (entries_.size() - 1);
    }

    void grow() {
        std::vector<entry> old(2 * entries_.size());
        old.swap(entries_);
        used_ = 0;
        for (const entry& each : old) {
            if (each.generation == generation_) {
                assign(each.address, each.index);
            }
        }
    }

    std::vector<entry> entries_ = std::vector<entry>(256);  // the size is a power of two
    std::size_t used_ = 0;
    std::uint64_t generation_ = 1;
};

}  // namespace admit::model
