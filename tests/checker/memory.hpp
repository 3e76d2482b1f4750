// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "checker/address_map.hpp"
#include "checker/budget.hpp"
#include "checker/location.hpp"
#include "checker/operation.hpp"
#include "checker/persistent_objects.hpp"
#include "checker/race_detector.hpp"
#include "checker/strategy.hpp"
#include "checker/trace.hpp"

namespace admit::model {

/// Value a read-modify-write leaves, from the value it found and its operand.
using modify_function = std::uint64_t (*)(std::uint64_t, std::uint64_t);

struct exchange_orders {
    std::memory_order success;
    std::memory_order failure;
};

/// The memory of C++20 as far as README.md says that it is modelled. After CDSChecker (Norris and
/// Demsky, OOPSLA 2013) and tsan11 (Lidbury and Donaldson, POPL 2017). A violation fails the
/// execution.
class memory {
public:
    memory() = default;
    memory(const memory&) = delete;
    memory& operator=(const memory&) = delete;

    void begin_execution(strategy& choices, const budget& limits);

    void construct_atomic(thread_view thread, const void* address, std::uint64_t value);
    void destroy_atomic(thread_view thread, const void* address);
    /// Index of an atomic object that is alive. `kind` is the operation in the trace of a failure.
    std::uint32_t locate(thread_view thread, object target, operation_kind kind);

    std::uint64_t load(thread_view thread, std::uint32_t index, std::memory_order order);
    void store(thread_view thread, std::uint32_t index, std::uint64_t value,
               std::memory_order order);
    std::uint64_t modify(thread_view thread, std::uint32_t index, operation_kind kind,
                         modify_function function, std::uint64_t operand, std::memory_order order);
    bool compare_exchange(thread_view thread, std::uint32_t index, operation_kind kind,
                          std::uint64_t& expected, std::uint64_t desired, exchange_orders orders);

    [[nodiscard]] race_detector& plains() { return plains_; }
    [[nodiscard]] const race_detector& plains() const { return plains_; }

    /// Gives an atomic or plain object a name in printed interleavings.
    void name(const void* address, const char* text);

    /// From here on loads read the newest store and no operation fails spuriously.
    void stop_branching() { branching_ = false; }

    /// The last operation changed a value, or its thread read a store that was new to it. A
    /// thread that spins makes no progress.
    [[nodiscard]] bool progressed() const { return progressed_; }
    void assume_progress() { progressed_ = true; }
    [[nodiscard]] bool stale_bound_reached() const { return stale_bound_reached_; }

    trace& events() { return events_; }
    [[nodiscard]] const trace& events() const { return events_; }
    [[nodiscard]] const char* atomic_name(std::uint32_t index) const;

private:
    std::uint32_t add_location(const void* address, std::uint64_t value, thread_id creator,
                               epoch created);
    location& begin_access(thread_view thread, std::uint32_t index);
    std::uint32_t choose_store(const location& read, std::uint32_t oldest);
    void collect_failures(const location& read, std::uint32_t oldest, std::uint64_t expected);
    [[nodiscard]] bool may_fail_spuriously(operation_kind kind) const;
    void exchange(thread_view thread, location& target, std::uint64_t desired,
                  std::memory_order order, event& recorded);
    void fail_exchange(thread_view thread, location& target, std::uint32_t store,
                       std::memory_order order, event& recorded);

    strategy* choices_ = nullptr;
    budget limits_;
    budget used_;
    bool stale_bound_reached_ = false;
    bool progressed_ = false;
    bool branching_ = true;

    trace events_;
    address_map indices_;
    std::vector<location> locations_;  // the first location_count_ are of this execution
    std::size_t location_count_ = 0;
    race_detector plains_{events_};
    std::vector<std::uint32_t> failures_;  // stores at which a compare_exchange may fail
};

}  // namespace admit::model
