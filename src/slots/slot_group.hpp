// SPDX-License-Identifier: BSL-1.0
// A group of slots: a line of slot words, and the fields of each slot's conversation. Each thread
// prefers one group (its home), so that threads on different cores share no line. The memory is
// type-stable: it goes from engine to engine and never back to the allocator. So a permit may look
// at its slot after its engine has gone, and finds a later generation.
#pragma once

#include <bit>

#include "base/index_stack.hpp"
#include "conversation/activity.hpp"
#include "conversation/conversation_word.hpp"
#include "conversation/user_name.hpp"
#include "slots/slot_word.hpp"

namespace admit::core {

struct engine_core;
class lane;

/// The fields of one slot's conversation; one cache line on most processors.
struct slot_record {
    conversation_word conversation;
    /// The lane that counts the user. The holder of the slot writes it; the thread that ends the
    /// conversation reads it, and listings, which check the generation afterwards.
    atomic<lane*> user{nullptr};
    user_name name;
};

/// The tails of long user ids. Not touched, and so not resident, while ids are short. One block for
/// many groups, because the allocator writes into each block.
struct name_tails {
    std::uint64_t groups[groups_per_tails][slots_per_group * user_name::tail_words];
};

struct slot_group {
    slot_group(engine_core* owner, std::uint32_t place, std::uint64_t* words)
        : core{owner}, number{place}, tails{words} {}

    alignas(cache_line) slot_word slots[words_per_group];

    alignas(cache_line) engine_core* const core;
    const std::uint32_t number;
    std::uint64_t* const tails;  ///< of the group's slots

    alignas(cache_line) atomic<nanos> started[slots_per_group];
    activity last_activity[slots_per_group];
    /// Of a slot that is earmarked or handed over: the next one. Otherwise not touched.
    index_stack::link next[slots_per_group];
    /// The name of the supervisor of the slot's conversation; see lifecycle/supervision.hpp.
    atomic<std::uint64_t> supervisor[slots_per_group] = {};
    alignas(cache_line) slot_record record[slots_per_group];

    /// For an expiry that is about to read the times of all slots.
    void prefetch_times() const noexcept {
        __builtin_prefetch(slots);
        const auto* const times = reinterpret_cast<const char*>(started);
        for (std::size_t at = 0; at < sizeof started + sizeof last_activity; at += cache_line)
            __builtin_prefetch(times + at);
    }

    std::uint64_t* name_tail(unsigned slot) const noexcept {
        return tails + std::size_t{slot} * user_name::tail_words;
    }
};
static_assert(sizeof(slot_record) == record_bytes);

/// One slot. A default-constructed reference names no slot.
struct slot_ref {
    slot_group* group = nullptr;
    unsigned index = 0;  ///< within the group

    explicit operator bool() const noexcept { return group != nullptr; }
    unsigned word() const noexcept { return index / slots_per_word; }
    slot_mask bit() const noexcept { return slot_mask{1} << (index % slots_per_word); }
    /// The slot's number in its engine.
    std::uint32_t number() const noexcept { return group->number * slots_per_group + index; }
    slot_record& record() const noexcept { return group->record[index]; }
    activity& last_activity() const noexcept { return group->last_activity[index]; }
    atomic<nanos>& started() const noexcept { return group->started[index]; }
    index_stack::link& next() const noexcept { return group->next[index]; }

    /// Begins the next conversation in the slot, which the caller holds. Returns its generation.
    /// `write` writes the user's id into the name and its tail that it is given.
    template <class Write>
    std::uint64_t begin(lane& user, nanos now, Write write) const noexcept {
        slot_record& fields = record();
        // release: edge end -> read; a listing that reads these fields sees that the slot's earlier
        // conversation has ended. The conversation's word publishes their values.
        fields.user.store(&user, memory_order_release);
        started().store(now, memory_order_release);
        last_activity().start(now);
        write(fields.name, group->name_tail(index));
        step("slot.filled");
        return fields.conversation.begin();
    }
    std::uint64_t begin(lane& user, std::string_view id, nanos now) const noexcept {
        return begin(user, now,
                     [id](user_name& name, std::uint64_t* tail) { name.write(id, tail); });
    }
};

/// The slot of the lowest bit in a word of the group.
inline slot_ref slot_at(slot_group& group, unsigned word, slot_mask bit) noexcept {
    return {&group, word * slots_per_word + static_cast<unsigned>(std::countr_zero(bit))};
}

/// The slot with that number in its engine, which is in this group.
inline slot_ref slot_in(slot_group* group, std::uint32_t number) noexcept {
    return {group, number % slots_per_group};
}

}  // namespace admit::core
