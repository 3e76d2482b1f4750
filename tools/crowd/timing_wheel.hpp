// SPDX-License-Identifier: BSL-1.0
// A hashed timing wheel (Varghese and Lauck, scheme 6): a ring of lists, one for each tick.
// Adding and removing are O(1) for any number of entries; times are rounded to ticks.
// Used by wheel_clock.hpp. Uses no clock, no thread and no Asio.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace admit::crowd {

using tick = std::uint64_t;

/// An entry of a wheel. The destructor removes it.
struct wheel_entry
    : boost::intrusive::list_base_hook<
          boost::intrusive::link_mode<boost::intrusive::link_mode_type::auto_unlink>> {
    tick due = 0;
};

class timing_wheel {
public:
    using entries =
        boost::intrusive::list<wheel_entry, boost::intrusive::constant_time_size<false>>;

    /// An entry that is due in more than `slots` ticks is skipped once in each turn of the wheel.
    explicit timing_wheel(std::size_t slots) : slots_(slots) {}

    /// Returns the tick at which the entry is due: `due`, or the next tick if `due` has passed.
    tick add(wheel_entry& entry, tick due) {
        entry.due = due > now_ ? due : now_ + 1;
        slot_of(entry.due).push_back(entry);
        return entry.due;
    }

    /// Moves on to `now` and returns the due entries: by tick, and within a tick in the order of
    /// insertion.
    entries advance(tick now) {
        entries due;
        while (now_ < now) {
            ++now_;
            take_due(slot_of(now_), due);
        }
        return due;
    }

    /// The next tick with entries in its slot; none if the wheel is empty. O(slots).
    std::optional<tick> next() const {
        for (tick ahead = 1; ahead <= slots_.size(); ++ahead) {
            if (!slots_[(now_ + ahead) % slots_.size()].empty()) return now_ + ahead;
        }
        return std::nullopt;
    }

private:
    entries& slot_of(tick when) { return slots_[when % slots_.size()]; }

    void take_due(entries& slot, entries& due) {
        for (auto each = slot.begin(); each != slot.end();) {
            wheel_entry& entry = *each++;
            if (entry.due != now_) continue;
            entry.unlink();
            due.push_back(entry);
        }
    }

    std::vector<entries> slots_;
    tick now_ = 0;
};

}  // namespace admit::crowd
