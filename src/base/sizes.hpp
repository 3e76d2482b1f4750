// SPDX-License-Identifier: BSL-1.0
// The dimensions of the core's structures. In a model build they are tiny: each protocol still
// takes all of its paths, and the checker can visit all interleavings.
#pragma once

#include <cstddef>
#include <cstdint>

namespace admit::core {

#ifdef ADMIT_MODEL
inline constexpr unsigned slots_per_word = 2;
inline constexpr unsigned words_per_group = 1;
inline constexpr unsigned groups_per_page = 2;
inline constexpr unsigned group_pages = 2;
inline constexpr unsigned groups_per_tails = 1;
inline constexpr unsigned fan_out = 2;
inline constexpr unsigned summary_levels = 2;
inline constexpr unsigned widest_top = 1;
inline constexpr unsigned lanes_per_bucket = 2;
inline constexpr unsigned spare_lanes = 2;
inline constexpr unsigned spare_slots = 0;
inline constexpr unsigned counter_stripes = 1;
inline constexpr unsigned first_cells = 2;
inline constexpr unsigned max_mirrored = 2;
#else
inline constexpr unsigned slots_per_word = 32;
inline constexpr unsigned words_per_group = 8;    // a group's free bits fill one cache line
inline constexpr unsigned groups_per_page = 128;  // a page of group pointers: 1 KiB
inline constexpr unsigned group_pages = 64;       // 2,097,152 slots in all
inline constexpr unsigned groups_per_tails = 16;  // see name_tails
inline constexpr unsigned fan_out = 16;           // two bits for each child in half a word
inline constexpr unsigned summary_levels = 3;     // 16^3 groups under each of 2 top words
inline constexpr unsigned widest_top = 8;         // words read to find the engine full
inline constexpr unsigned lanes_per_bucket = 3;   // a bucket is one cache line
inline constexpr unsigned spare_lanes = 1024;     // for attempts under way, a lane each
inline constexpr unsigned spare_slots = 64;       // see slot_pool::enable_missing
inline constexpr unsigned counter_stripes = 128;  // threads that have a stripe of counters each
inline constexpr unsigned first_cells = 64;       // waiters that the first allocation holds
inline constexpr unsigned max_mirrored = 3071;    // waiting requests that a lane counts
#endif

/// The longest user id in bytes.
inline constexpr std::size_t max_user_id_bytes = 255;

inline constexpr unsigned slots_per_group = slots_per_word * words_per_group;
inline constexpr unsigned max_groups = groups_per_page * group_pages;

}  // namespace admit::core
