// SPDX-License-Identifier: BSL-1.0
// Serves the engine's figures to Prometheus. Used by bot.cpp; without prometheus-cpp it refuses.
#pragma once

#include <admit/engine.hpp>
#include <memory>
#include <string>

namespace admit::bot {

/// Answers GET /metrics by threads of its own, from its construction to its destruction.
class metrics_server {
public:
    /// An empty address serves nothing. Throws `std::runtime_error` if the address cannot be used.
    metrics_server(admit::engine& engine, const std::string& address);
    ~metrics_server();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// Whether this build can serve metrics.
bool metrics_built_in();

}  // namespace admit::bot
