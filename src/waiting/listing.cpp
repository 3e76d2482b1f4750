// SPDX-License-Identifier: BSL-1.0
// The requests that wait, read from their cells beside the threads that use them:
// `engine::waiters`, and the age of the oldest one. As in a listing of conversations, the cell's
// generation is read before and after, so that what was read is of one request.
#include <algorithm>
#include <cstddef>
#include <tuple>

#include "waiting/waiting_room.hpp"

namespace admit::core {

namespace {

struct listed_waiter {
    waiter shown;
    std::uint64_t stamp = 0;  ///< the order of arrival
    std::uint64_t turn = 0;   ///< the stamp of its user's first request
    std::size_t round = 0;    ///< how many requests of its user come before it
};

/// Sorts by the order of service: by priority, then by rounds, in each of which a user has a turn.
void sort_by_service(std::vector<listed_waiter>& found) {
    std::sort(found.begin(), found.end(), [](const listed_waiter& a, const listed_waiter& b) {
        return std::tie(a.shown.user, b.shown.priority, a.stamp) <
               std::tie(b.shown.user, a.shown.priority, b.stamp);
    });
    for (auto first = found.begin(); first != found.end();) {
        const auto last = std::find_if(first, found.end(), [&](const listed_waiter& each) {
            return each.shown.user != first->shown.user;
        });
        const std::uint64_t turn =
            std::min_element(first, last, [](const listed_waiter& a, const listed_waiter& b) {
                return a.stamp < b.stamp;
            })->stamp;
        for (std::size_t round = 0; first != last; ++first) {
            first->round = round++;
            first->turn = turn;
        }
    }
    std::sort(found.begin(), found.end(), [](const listed_waiter& a, const listed_waiter& b) {
        return std::tie(b.shown.priority, a.round, a.turn) <
               std::tie(a.shown.priority, b.round, b.turn);
    });
}

/// Reads the request in a cell. False if none waits there, or if it ceased to wait meanwhile.
bool describe(const waiter_cell& cell, std::uint64_t* tail, listed_waiter& found) {
    const auto before = cell.word.read();
    if (!before.waiting()) return false;
    // acquire: edge finish -> read. If anything of a later request was read, `after` shows that
    // this request waits no more.
    const std::uint64_t rank = cell.rank.load(memory_order_acquire);
    found.stamp = rank / priorities;
    found.shown.priority = static_cast<unsigned>(rank % priorities);
    found.shown.since = time_point{duration{cell.since.load(memory_order_acquire)}};
    if (found.stamp != 0) found.shown.user = cell.name.read(tail);
    const auto after = cell.word.read();
    return found.stamp != 0 && after.waiting() && after.generation() == before.generation();
}

}  // namespace

std::vector<waiter> waiting_room::list(std::optional<std::string_view> user) const {
    std::vector<listed_waiter> found;
    for (std::uint32_t number = 0; number < cells_.size(); ++number) {
        const waiter_cell& cell = cells_[number];
        listed_waiter each;
        if (describe(cell, cells_.block_of(number).tail_of(cell), each))
            found.push_back(std::move(each));
    }
    sort_by_service(found);
    std::vector<waiter> result;
    for (std::size_t ahead = 0; ahead < found.size(); ++ahead) {
        if (user && found[ahead].shown.user != *user) continue;
        found[ahead].shown.ahead = ahead;
        result.push_back(std::move(found[ahead].shown));
    }
    return result;
}

nanos waiting_room::first_since() const noexcept {
    nanos first = end_of_time;
    for (std::uint32_t number = 0; number < cells_.size(); ++number) {
        const waiter_cell& cell = cells_[number];
        const auto before = cell.word.read();
        if (!before.waiting()) continue;
        // acquire: edge finish -> read, as in `describe`. A drain has no rank.
        const bool request = cell.rank.load(memory_order_acquire) / priorities != 0;
        const nanos since = cell.since.load(memory_order_acquire);
        const auto after = cell.word.read();
        if (request && after.waiting() && after.generation() == before.generation())
            first = std::min(first, since);
    }
    return first;
}

}  // namespace admit::core
