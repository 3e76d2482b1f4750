#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace admit::model {

/// Address to index, open addressing, emptied in constant time between executions. The objects
/// under test keep nothing of the checker's, so that they have the size of the product's and a
/// look-up never reads memory that was freed.
class address_map {
public:
    static constexpr std::uint32_t absent = UINT32_MAX;

    [[nodiscard]] std::uint32_t find(const void* address) const {
        for (std::size_t i = slot_of(address);; i = next(i)) {
            const entry& at = entries_[i];
            if (at.generation != generation_) {
                return absent;
            }
            if (at.address == address) {
                return at.index;
            }
        }
    }

    /// Inserts, or replaces what was there; `absent` erases.
    void assign(const void* address, std::uint32_t index) {
        if (2 * used_ >= entries_.size()) {
            grow();
        }
        std::size_t i = slot_of(address);
        while (entries_[i].generation == generation_ && entries_[i].address != address) {
            i = next(i);
        }
        if (entries_[i].generation != generation_) {
            ++used_;
        }
        entries_[i] = {address, index, generation_};
    }

    void clear() {
        ++generation_;
        used_ = 0;
    }

private:
    struct entry {
        const void* address = nullptr;
        std::uint32_t index = absent;
        std::uint64_t generation = 0;
    };

    [[nodiscard]] std::size_t slot_of(const void* address) const {
        const auto bits = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address));
        return static_cast<std::size_t>((bits * 0x9e3779b97f4a7c15U) >> 32U) &
               (entries_.size() - 1);
    }
    [[nodiscard]] std::size_t next(std::size_t i) const { return (i + 1) & (entries_.size() - 1); }

    void grow() {
        std::vector<entry> old(2 * entries_.size());
        old.swap(entries_);
        used_ = 0;
        for (const entry& at : old) {
            if (at.generation == generation_) {
                assign(at.address, at.index);
            }
        }
    }

    std::vector<entry> entries_ = std::vector<entry>(256);
    std::size_t used_ = 0;
    std::uint64_t generation_ = 1;
};

}  // namespace admit::model
