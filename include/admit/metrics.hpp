// SPDX-License-Identifier: BSL-1.0
/// @file
/// The figures of engines for Prometheus. An optional part, the library admit-metrics, which needs
/// prometheus-cpp.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <admit/detail/engine_ref.hpp>
#include <admit/detail/public.hpp>
#include <admit/engine.hpp>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace admit {

namespace detail {

/// An engine that `metrics` shows.
struct shown_engine {
    engine_ref engine;
    std::string name;
    std::uint64_t completed = 0;  ///< as last shown
};

}  // namespace detail

/// Gives the figures of engines to prometheus-cpp: `prometheus::Exposer` serves them.
///
/// The engines do nothing for it until a scrape, which reads `engine::stats` of each once. Each
/// figure has the label `engine`, the name that `add` was given.
///
/// | metric | type | further label | from |
/// |---|---|---|---|
/// | `admit_active` | gauge | | `stats::active` |
/// | `admit_limit` | gauge | `scope`: all, user | `limits::max_concurrent`, `max_per_user` |
/// | `admit_users` | gauge | | `stats::users` |
/// | `admit_waiting` | gauge | | `stats::waiting` |
/// | `admit_oldest_wait_seconds` | gauge | | age of the oldest request that waits; 0 without one |
/// | `admit_overdue_seconds` | gauge | | since when a conversation has been due; 0 without one |
/// | `admit_admitted_total` | counter | | `stats::admitted` |
/// | `admit_rejected_total` | counter | `reason`: each `errc` | `stats::rejected` |
/// | `admit_ended_total` | counter | `status`: each `status` | `stats::ended` |
/// | `admit_overstayed_total` | counter | | `stats::overstayed` |
/// | `admit_wait_seconds` | histogram | | `stats::wait_times` |
/// | `admit_duration_seconds` | histogram | | `stats::hold_times` |
///
/// A conversation is due when it was idle for `limits::idle_timeout` or active for
/// `limits::max_duration`. Where `async_expire` runs, `admit_overdue_seconds` stays near its
/// interval, and near the grace of bodies that are slow to end. If it keeps growing, expiry has
/// stalled.
///
/// The histograms are those of engines with `engine_options::histograms`. Their bounds are the
/// powers of two from 1 ms to 4.7 hours, each of them a bound of `admit::histogram`, so that the
/// counts are exact. A counter never goes down while its engine lives.
///
/// @par Lifetimes
/// An engine may be destroyed before this, also during a scrape: it is left out from then on. Its
/// name is free again.
/// @par Example
/// @code
/// auto figures = std::make_shared<admit::metrics>();
/// figures->add(engine, "bot");
/// prometheus::Exposer exposer{"127.0.0.1:9464"};
/// exposer.RegisterCollectable(figures);
/// @endcode
class ADMIT_PUBLIC metrics final : public prometheus::Collectable {
public:
    /// Shows no engine yet.
    /// @throws Nothing.
    metrics() noexcept;
    ~metrics() override;
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    /// Shows an engine from now on.
    ///
    /// @param source The engine.
    /// @param name The value of the label `engine`: 1 to 255 printable characters of ASCII. No
    ///   other engine that is shown here has it.
    /// @throws std::invalid_argument For a name that is taken or out of range, and for an engine
    ///   that is shown here already. It names the value and what is allowed.
    /// @throws std::bad_alloc Without memory.
    /// @par Thread safety
    /// Any number of threads at once, also beside a scrape.
    /// @par Progress
    /// Waits for a scrape that is in progress, and for other calls of this object. No engine ever
    /// waits for one.
    /// @par Complexity
    /// O(engines that are shown).
    void add(engine& source, std::string name);

    /// Shows an engine no more. Nothing happens if it is not shown.
    ///
    /// @param source The engine.
    /// @par Thread safety
    /// As `add`.
    /// @par Progress
    /// As `add`; throws nothing.
    /// @par Complexity
    /// As `add`.
    void remove(engine& source) noexcept;

    /// Reads the figures: a scrape. `prometheus::Exposer` calls it.
    ///
    /// @return The families of the table above that have a figure. The figures of one engine are
    ///   those of one reading.
    /// @throws std::bad_alloc Without memory.
    /// @par Thread safety
    /// As `add`.
    /// @par Progress
    /// As `add`. It delays no call of an engine.
    /// @par Complexity
    /// For each engine O(`limits::max_concurrent` + requests that ever waited at one time).
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    mutable std::mutex mutex_;
    mutable std::vector<detail::shown_engine> engines_;
};

}  // namespace admit
