// SPDX-License-Identifier: BSL-1.0
// Statistics as lines for a monitoring system, and a listing for an operator. Explained in
// docs/guide/observe.md.
#include <admit/engine.hpp>
#include <chrono>
#include <iostream>

// The text format of Prometheus: a name, labels, a value.
void print_metrics(const admit::engine& engine) {
    const admit::stats now = engine.stats();
    std::cout << "bot_active " << now.active << '\n'
              << "bot_max_concurrent " << now.limits.max_concurrent << '\n'
              << "bot_users " << now.users << '\n'
              << "bot_waiting " << now.waiting << '\n'
              << "bot_admitted_total " << now.admitted << '\n'
              << "bot_rejected_total{reason=\"global_limit\"} " << now.rejected.global_limit << '\n'
              << "bot_rejected_total{reason=\"user_limit\"} " << now.rejected.user_limit << '\n'
              << "bot_ended_total{status=\"completed\"} " << now.ended.completed << '\n'
              << "bot_ended_total{status=\"idle\"} " << now.ended.idle << '\n';
    if (const auto hold = now.hold_times)
        for (const double share : {0.5, 0.9, 0.99})
            std::cout << "bot_hold_seconds{quantile=\"" << share << "\"} "
                      << std::chrono::duration<double>{hold->quantile(share)}.count() << '\n';
}

void print_conversations(const admit::engine& engine) {
    const auto now = std::chrono::steady_clock::now();
    for (const admit::conversation& line : engine.conversations()) {
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - line.started);
        std::cout << line.id << ' ' << line.user << ", " << age.count() << " s old\n";
    }
}

int main() {
    admit::engine engine{admit::limits{.max_concurrent = 3, .max_per_user = 1},
                         {.histograms = true}};
    auto alice = engine.try_admit("alice");
    auto again = engine.try_admit("alice");
    auto bob = engine.try_admit("bob");
    bob->end();
    print_metrics(engine);
    print_conversations(engine);
    std::cout << "conversations of bob: " << engine.active_count("bob") << '\n';
    return 0;
}
