#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "checker/vector_clock.hpp"

namespace admit::model {

/// One store in the modification order of a location.
struct store_record {
    std::uint64_t value = 0;
    /// What an acquire load that reads this store learns: the clocks of the release stores whose
    /// release sequence it belongs to. Empty for a relaxed store.
    vector_clock released;
    thread_id writer = 0;
};

/// `who` at its epoch `when` read or wrote the store number `index`.
struct sighting {
    thread_id who;
    epoch when;
    std::uint32_t index;
};

/// All that is known of one atomic object.
struct location {
    const void* address = nullptr;
    const char* name = nullptr;
    bool alive = false;
    thread_id creator = 0;
    epoch created = 0;
    /// Modification order; it is the order in which the stores were executed.
    std::vector<store_record> history;
    std::vector<sighting> sightings;
    std::array<std::uint32_t, max_threads> newest_seen{};
    std::array<epoch, max_threads> last_access{};
    /// No seq_cst load may read an older store than this (see memory::oldest_readable).
    std::uint32_t sequential_floor = 0;

    [[nodiscard]] std::uint32_t latest() const {
        return static_cast<std::uint32_t>(history.size() - 1);
    }
};

}  // namespace admit::model
