// SPDX-License-Identifier: BSL-1.0
// The bytes of a user id, kept in the slot for listings: length and first bytes beside the
// conversation's word, the rest, which few ids have, in a tail. A listing reads word by word and
// then checks the generation, as with a sequence lock (Boehm, "Can seqlocks get along with
// programming language memory models?", MSPC 2012; no fences, so the words carry the order).
#pragma once

#include <atomic>
#include <string>

#include "base/bytes.hpp"
#include "base/sizes.hpp"

namespace admit::core {

class user_name {
public:
    static constexpr std::size_t head_words = 6;
    static constexpr std::size_t head_bytes = head_words * 8 - 1;  // the last byte is the length
    static constexpr std::size_t tail_words = (max_user_id_bytes - head_bytes + 7) / 8;

    /// Only for the holder of the slot. `user` has 1 to `max_user_id_bytes` bytes.
    void write(std::string_view user, std::uint64_t* tail) noexcept {
        const std::size_t size = user.size();
        // The words that the id fills, but the last.
        for (std::size_t i = 0; i < whole_words; ++i)
            if (size > (i + 1) * 8) store(head_[i], load_word(user.data() + i * 8));
        std::uint64_t rest = 0;
        if (size < 8) [[unlikely]]
            store(head_[0], load_bytes(user, 0));
        else if (size <= near_bytes)
            store(head_[last_word(size)], load_word(user.data() + size - 8));
        else
            rest = write_far(user, tail);
        store(head_[head_words - 1], rest << 8 >> 8 | std::uint64_t{size} << 56);
    }

    /// Copies a name that no thread writes meanwhile. Only for the holder of the slot.
    void copy(const user_name& from, const std::uint64_t* from_tail, std::uint64_t* tail) noexcept {
        for (std::size_t i = 0; i < head_words; ++i) store(head_[i], from.head_[i]);
        const auto size = static_cast<std::size_t>(from.head_[head_words - 1] >> 56);
        for (std::size_t at = head_bytes; at < size; at += 8) store(*tail++, *from_tail++);
    }

    /// The bytes; the caller checks the generation afterwards, whether they belong together.
    std::string read(std::uint64_t* tail) const {
        char bytes[(head_words + tail_words) * 8];
        for (std::size_t i = 0; i < head_words; ++i) save_bytes(bytes + i * 8, head_[i]);
        const std::size_t size = static_cast<unsigned char>(bytes[head_bytes]);
        if (size >= 8 && size <= near_bytes) {
            const std::uint64_t end = load_word(bytes + last_word(size) * 8);
            save_word(bytes + size - 8, end);
        }
        for (std::size_t at = head_bytes; at < size; at += 8) save_bytes(bytes + at, *tail++);
        return std::string(bytes, size);
    }

private:
    static constexpr std::size_t whole_words = head_words - 2;
    /// Ids of 8 bytes to these end with a word of their last eight bytes. The word before repeats
    /// the beginning of that one, so that no byte has to be shifted into place.
    static constexpr std::size_t near_bytes = (head_words - 1) * 8;
    static constexpr std::size_t last_word(std::size_t size) noexcept { return (size - 1) / 8; }

    /// Writes the bytes beyond the near ones; returns the bytes that go beside the length.
    [[gnu::noinline]] std::uint64_t write_far(std::string_view user, std::uint64_t* tail) noexcept {
        store(head_[whole_words], load_word(user.data() + whole_words * 8));
        for (std::size_t at = head_bytes; at < user.size(); at += 8)
            store(*tail++, load_bytes(user, at));
        return load_bytes(user, near_bytes);
    }

    static void store(std::uint64_t& word, std::uint64_t value) noexcept {
        // release: edge end -> read; a listing that reads these bytes also sees that the slot's
        // earlier conversation has ended.
        std::atomic_ref{word}.store(value, std::memory_order_release);
    }

    static void save_bytes(char* to, const std::uint64_t& word) noexcept {
        // acquire: edge end -> read; the check of the conversation's word stays behind this load.
        // (C++20 has no atomic_ref to const; the reference only reads.)
        save_word(
            to, std::atomic_ref{const_cast<std::uint64_t&>(word)}.load(std::memory_order_acquire));
    }

    // On 32-bit x86 a member of this type may stand at a multiple of 4, where no load is atomic.
    alignas(
        std::atomic_ref<std::uint64_t>::required_alignment) std::uint64_t head_[head_words] = {};
};

}  // namespace admit::core
