#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "checker/address_map.hpp"
#include "checker/budget.hpp"
#include "checker/location.hpp"
#include "checker/operation.hpp"
#include "checker/outside.hpp"
#include "checker/plain_cell.hpp"
#include "checker/strategy.hpp"
#include "checker/trace.hpp"

namespace admit::model {

/// Value a read-modify-write leaves, from the one it found and its operand.
using modify_function = std::uint64_t (*)(std::uint64_t, std::uint64_t);

struct exchange_orders {
    std::memory_order success;
    std::memory_order failure;
};

/// The C++20 memory as far as README.md says it is modelled: a history of stores for each
/// location and a vector clock for each thread. After CDSChecker (Norris and Demsky, OOPSLA 2013)
/// and tsan11 (Lidbury and Donaldson, POPL 2017).
class memory {
public:
    /// Who acts, and what it knows.
    struct actor {
        thread_id id;
        vector_clock& clock;
    };

    void begin_execution(strategy& choices, const budget& limits);

    void construct_atomic(actor who, const void* address, std::uint64_t value);
    void destroy_atomic(actor who, const void* address);
    /// Index of a living atomic object; a use before construction or after destruction fails.
    std::uint32_t locate(actor who, object at, operation_kind kind);

    std::uint64_t load(actor who, std::uint32_t index, std::memory_order order);
    void store(actor who, std::uint32_t index, std::uint64_t value, std::memory_order order);
    std::uint64_t modify(actor who, std::uint32_t index, operation_kind kind,
                         modify_function function, std::uint64_t operand, std::memory_order order);
    bool compare_exchange(actor who, std::uint32_t index, operation_kind kind,
                          std::uint64_t& expected, std::uint64_t desired, exchange_orders orders);

    void construct_plain(actor who, const void* address);
    void destroy_plain(actor who, const void* address);
    void read_plain(actor who, const void* address);
    void write_plain(actor who, const void* address);

    void name(const void* address, const char* text);

    /// From here on loads read the newest store and nothing fails spuriously.
    void stop_branching() { branching_ = false; }

    /// Whether the last operation told its thread or any other something new. A thread that spins
    /// does not get any further.
    [[nodiscard]] bool progressed() const { return progressed_; }
    void assume_progress() { progressed_ = true; }
    [[nodiscard]] bool stale_bound_reached() const { return stale_bound_reached_; }

    trace& events() { return events_; }
    [[nodiscard]] const trace& events() const { return events_; }
    [[nodiscard]] const std::vector<location>& locations() const { return locations_; }
    [[nodiscard]] std::size_t location_count() const { return location_count_; }
    [[nodiscard]] const std::vector<plain_cell>& cells() const { return cells_; }

private:
    std::uint32_t add_location(const void* address, std::uint64_t value, thread_id creator,
                               epoch created);
    location& enter(actor who, std::uint32_t index);
    plain_cell& enter_plain(actor who, const void* address, operation_kind kind);
    static std::uint32_t oldest_readable(actor who, const location& at, std::memory_order order);
    std::uint32_t choose_store(const location& at, std::uint32_t oldest);
    void observe(actor who, location& at, std::uint32_t store, std::memory_order order);
    void append(actor who, location& at, std::uint64_t value, std::memory_order order,
                const vector_clock* continued);
    void see(actor who, location& at, std::uint32_t store);
    std::uint32_t failed_exchange_outcomes(const location& at, std::uint32_t oldest,
                                           std::uint64_t expected);

    strategy* choices_ = nullptr;
    budget limits_;
    budget spent_;
    bool stale_bound_reached_ = false;
    bool progressed_ = false;
    bool branching_ = true;

    address_map atomics_;
    std::vector<location> locations_;  // the first location_count_ are of this execution
    std::size_t location_count_ = 0;
    address_map plains_;
    std::vector<plain_cell> cells_;
    trace events_;
    std::vector<std::uint32_t> readable_;  // scratch of compare_exchange
};

}  // namespace admit::model
