// SPDX-License-Identifier: BSL-1.0
#include "common/option_values.hpp"
#include "load/metrics_server.hpp"

namespace admit::load {

struct metrics_server::server {};

metrics_server::metrics_server(const std::string& address, bool) {
    tools::refuse("--metrics", address,
                  "nothing, because this admit-load was built without prometheus-cpp");
}

metrics_server::~metrics_server() = default;

admit::engine_options options_for_metrics() noexcept { return {}; }

void show_in_metrics(admit::engine&) {}

}  // namespace admit::load
