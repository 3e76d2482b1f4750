// SPDX-License-Identifier: BSL-1.0
// The dimensions of the core's structures. In a model build they are tiny: each protocol still
// takes all of its paths, and the checker can visit all interleavings.
#pragma once

#include <cstddef>

namespace admit::core {

/// A size in the product, and in a model build.
#ifdef ADMIT_MODEL
constexpr unsigned size(unsigned, unsigned model) noexcept { return model; }
#else
constexpr unsigned size(unsigned product, unsigned) noexcept { return product; }
#endif

inline constexpr unsigned slots_per_word = size(32, 2);
inline constexpr unsigned words_per_group = size(8, 1);    // a group's bits fill one line
inline constexpr unsigned groups_per_page = size(128, 2);  // a page of group pointers: 1 KiB
inline constexpr unsigned group_pages = size(64, 2);       // 2,097,152 slots in all
inline constexpr unsigned groups_per_tails = size(16, 1);  // see name_tails
inline constexpr unsigned fan_out = size(16, 2);           // two bits for each child in half a word
inline constexpr unsigned summary_levels = size(3, 2);     // 16^3 groups under each of 2 top words
inline constexpr unsigned widest_top = size(8, 1);         // words read to find the engine full
inline constexpr unsigned lanes_per_bucket = size(3, 2);   // a bucket is one cache line
inline constexpr unsigned spare_lanes = size(1024, 2);     // for attempts under way, a lane each
inline constexpr unsigned spare_slots = size(64, 0);       // see slot_pool::enable_missing
inline constexpr unsigned counter_stripes = size(128, 1);  // threads with a stripe each
inline constexpr unsigned max_mirrored = size(3071, 2);    // waiting requests that a lane counts
inline constexpr unsigned first_cells = size(64, 2);  // waiters that the first allocation holds

/// A slot's record and a bucket of lanes. A longer cache line holds several.
inline constexpr std::size_t record_bytes = 64;

/// The longest user id in bytes.
inline constexpr std::size_t max_user_id_bytes = 255;

inline constexpr unsigned slots_per_group = slots_per_word * words_per_group;
inline constexpr unsigned max_groups = groups_per_page * group_pages;

}  // namespace admit::core
