// SPDX-License-Identifier: BSL-1.0
#include "history/configuration.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace history {

void configuration::hold_slot(const overlap& until) {
    if (until.over()) return;
    if (!held.back().over()) throw std::length_error{"too many slots change hands in one history"};
    held.back() = until;
    std::sort(held.begin(), held.end(), std::greater<>{});  // equal states compare equal
}

void configuration::add_caller(std::uint8_t caller) {
    for (request& each : requests) each.fresh.add(caller);
    for (overlap& each : held) each.add(caller);
    std::sort(held.begin(), held.end(), std::greater<>{});
}

void configuration::remove_caller(std::uint8_t caller) {
    for (request& each : requests) {
        each.fresh.remove(caller);
        if (each.fresh.over()) each.unclaimed = false;
    }
    for (overlap& each : held) each.remove(caller);
    std::sort(held.begin(), held.end(), std::greater<>{});
}

}  // namespace history
