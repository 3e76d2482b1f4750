// SPDX-License-Identifier: BSL-1.0
#include <admit/permit.hpp>
#include <algorithm>
#include <charconv>
#include <ostream>
#include <utility>

#include "lifecycle/expiry.hpp"
#include "lifecycle/touching.hpp"
#include "slots/slot_group.hpp"
#include "system/this_thread.hpp"

namespace admit {

namespace {

/// The text of an id, without an allocation.
class id_text {
public:
    explicit id_text(const conversation_id& id) noexcept {
        put(id.engine, '-');
        put(id.slot, '-');
        put(id.generation, '\0');
    }
    std::string_view view() const noexcept { return {text_, size_ - 1}; }

private:
    void put(std::uint64_t number, char after) noexcept {
        char* const end = std::to_chars(text_ + size_, text_ + sizeof text_, number).ptr;
        *end = after;
        size_ = static_cast<std::size_t>(end - text_) + 1;
    }

    char text_[64];  // at most 20 + 1 + 10 + 1 + 20 characters, and a 0
    std::size_t size_ = 0;
};

core::slot_ref slot_of(core::slot_group* group, const conversation_id& id) noexcept {
    return core::slot_in(group, id.slot);
}

}  // namespace

void permit::let_go() noexcept {
    const core::slot_ref slot = slot_of(group_, id_);
    core::thread_state& thread = system::this_thread();
    core::end(slot, id_.generation, system::unwinding(thread) ? status::error : status::completed,
              thread);
}

bool permit::touch() noexcept {
    if (group_ == nullptr) return false;
    return core::touch(slot_of(group_, id_), id_.generation, group_->core->now(),
                       system::this_thread());
}

bool permit::end(status how) noexcept {
    if (group_ == nullptr) return false;
    const core::end_result result =
        core::end_as(slot_of(group_, id_), id_.generation, core::valid(how), system::this_thread());
    if (result) ended_ = result.how;
    return result.ended;
}

duration permit::remaining() const noexcept {
    if (group_ == nullptr) return duration::zero();
    return duration{core::remaining(slot_of(group_, id_), id_.generation)};
}

std::optional<status> permit::ending() const noexcept {
    if (group_ == nullptr) return std::nullopt;
    const auto request = core::end_requested(slot_of(group_, id_), id_.generation);
    if (!request) return std::nullopt;
    return request->how;
}

conversation_id permit::detach() noexcept {
    const conversation_id detached = id();
    group_ = nullptr;
    return detached;
}

std::string_view to_string(status how) noexcept {
    switch (how) {
        case status::completed: return "completed";
        case status::idle: return "idle";
        case status::timed_out: return "timed_out";
        case status::error: return "error";
        case status::drained: return "drained";
        case status::cancelled: return "cancelled";
    }
    return "unknown";
}

std::string to_string(const conversation_id& id) { return std::string{id_text{id}.view()}; }

std::ostream& operator<<(std::ostream& out, const conversation_id& id) {
    return out << id_text{id}.view();
}

std::optional<conversation_id> conversation_id::from_string(std::string_view text) noexcept {
    conversation_id id;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto read = [&](auto& number) {
        const auto [rest, failed] = std::from_chars(at, end, number);
        at = rest == end ? end : rest + 1;  // behind the dash
        return failed == std::errc{};
    };
    if (!read(id.engine) || !read(id.slot) || !read(id.generation)) return std::nullopt;
    // Each id has one spelling: two dashes, no leading zeros, nothing else.
    if (id_text{id}.view() != text) return std::nullopt;
    return id;
}

}  // namespace admit
