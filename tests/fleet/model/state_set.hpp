// SPDX-License-Identifier: BSL-1.0
// The states that were seen, in order, and a table that finds them. Grows by blocks, so that no
// state is copied when there are more.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "state.hpp"

namespace fleet_model {

class state_set {
public:
    std::uint32_t size() const noexcept { return size_; }

    const packed& operator[](std::uint32_t i) const noexcept {
        return blocks_[i >> block_bits][i & (block_size - 1)];
    }

    /// False if the state was there.
    bool insert(const packed& p) {
        if (size_ * 3ull >= table_.size() * 2ull) grow();
        std::size_t at = hashed(p) & (table_.size() - 1);
        for (; table_[at] != 0; at = (at + 1) & (table_.size() - 1))
            if ((*this)[table_[at] - 1] == p) return false;
        if (size_ >> block_bits == blocks_.size())
            blocks_.push_back(std::make_unique_for_overwrite<packed[]>(block_size));
        blocks_[size_ >> block_bits][size_ & (block_size - 1)] = p;
        table_[at] = ++size_;
        return true;
    }

    std::uint64_t bytes() const noexcept {
        return blocks_.size() * block_size * sizeof(packed) + table_.size() * sizeof(std::uint32_t);
    }

private:
    static constexpr unsigned block_bits = 14;
    static constexpr std::uint32_t block_size = 1u << block_bits;

    static std::uint64_t hashed(const packed& p) noexcept {
        std::uint64_t h = 0;
        for (std::size_t i = 0; i < p.size(); i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, p.data() + i, std::min<std::size_t>(8, p.size() - i));
            h = (h ^ word) * 0x9e3779b97f4a7c15u;
            h ^= h >> 32;
        }
        return h;
    }

    void grow() {
        std::vector<std::uint32_t> larger(table_.empty() ? 1u << 12 : table_.size() * 2, 0);
        table_.swap(larger);
        for (std::uint32_t i = 0; i < size_; ++i) {
            std::size_t at = hashed((*this)[i]) & (table_.size() - 1);
            while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
            table_[at] = i + 1;
        }
    }

    std::vector<std::unique_ptr<packed[]>> blocks_;
    std::vector<std::uint32_t> table_;  // index + 1
    std::uint32_t size_ = 0;
};

}  // namespace fleet_model
