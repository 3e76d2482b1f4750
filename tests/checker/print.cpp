// SPDX-License-Identifier: BSL-1.0
#include "checker/print.hpp"

#include <cassert>
#include <cstdio>
#include <utility>

namespace admit::model {

namespace {

std::string number(std::uint64_t value) {
    if (value < 1'000'000) {
        return std::to_string(value);
    }
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string atomic_name(const memory& shared, std::uint32_t index) {
    if (index == address_map::absent) {
        return "a?";
    }
    const char* const name = shared.atomic_name(index);
    return name != nullptr ? name : "a" + std::to_string(index);
}

std::string plain_name(const memory& shared, std::uint32_t index) {
    if (index == address_map::absent) {
        return "p?";
    }
    const auto& locations = shared.plains().locations();
    assert(index < locations.size());
    const char* const name = locations[index].name;
    return name != nullptr ? name : "p" + std::to_string(index);
}

/// The store that was read.
std::string source(const event& e) {
    std::string text = "store #" + std::to_string(e.store) + " by " + thread_name(e.writer);
    if (e.behind != 0) {
        text += ", stale by " + std::to_string(e.behind);
    }
    return text;
}

std::string print_memory_operation(const memory& shared, const event& e) {
    std::string text = atomic_name(shared, e.object) + ' ';
    text += std::string{to_string(e.kind)} + ' ' + std::string{to_string(e.order)};
    if (e.kind == operation_kind::load) {
        return text + " = " + number(e.before) + "  (" + source(e) + ")";
    }
    if (e.kind == operation_kind::store) {
        return text + " " + number(e.after) + "  (store #" + std::to_string(e.store) + ")";
    }
    if (e.failed) {
        return text + (e.spurious ? " failed spuriously: " : " failed: ") + number(e.before) +
               ", expected " + number(e.after) + "  (" + source(e) + ")";
    }
    return text + " " + number(e.before) + " -> " + number(e.after) + "  (store #" +
           std::to_string(e.store) + ", read that of " + thread_name(e.writer) + ")";
}

std::string print_event(const memory& shared, const event& e) {
    const std::string kind{to_string(e.kind)};
    switch (e.kind) {
        case operation_kind::plain_read:
        case operation_kind::plain_write:
        case operation_kind::plain_destroy: return plain_name(shared, e.object) + ' ' + kind;
        case operation_kind::destroy: return atomic_name(shared, e.object) + ' ' + kind;
        case operation_kind::spawn:
        case operation_kind::unpark:
        case operation_kind::cancel:
            return kind + ' ' + thread_name(static_cast<thread_id>(e.object));
        case operation_kind::choice: return kind + ": " + std::to_string(e.object);
        case operation_kind::label: return kind + " \"" + e.label + '"';
        case operation_kind::park_until: return kind + (e.failed ? ": timed out" : ": unparked");
        case operation_kind::cancellation_point:
            return kind + (e.failed ? ": go on" : ": cancelled");
        default: break;
    }
    return is_memory_operation(e.kind) && e.object != address_map::absent
               ? print_memory_operation(shared, e)
               : kind;
}

/// Each thread has a column.
std::string print_line(const memory& shared, const event& e) {
    return thread_name(e.thread) + "  " + std::string(std::size_t{4} * e.thread, ' ') +
           print_event(shared, e);
}

}  // namespace

std::string print_interleaving(const memory& shared) {
    std::string text;
    std::string last;
    std::size_t repeated = 0;
    const auto end_run = [&] {
        text += repeated != 0 ? "         ... " + std::to_string(repeated) + " more times\n" : "";
        repeated = 0;
    };
    std::size_t number = 0;
    for (const event& e : shared.events()) {
        std::string line = print_line(shared, e);
        if (line == last) {
            ++repeated;  // the thread spins
        } else {
            end_run();
            char head[32];
            std::snprintf(head, sizeof head, "%5zu  ", number);
            text += head + line + '\n';
            last = std::move(line);
        }
        ++number;
    }
    end_run();
    return text;
}

}  // namespace admit::model
