// SPDX-License-Identifier: BSL-1.0
// Serves the figures of the engine of a run to Prometheus: `--metrics`. main.cpp starts it, and
// runner.cpp shows each engine. Without prometheus-cpp metrics_server_none.cpp takes its place.
#pragma once

#include <admit/engine.hpp>
#include <memory>
#include <string>

namespace admit::load {

/// The server of the process, of which there is one at a time.
class metrics_server {
public:
    /// Listens, and says where on standard error unless `quiet`. Throws `std::runtime_error` if the
    /// system refuses, and `tools::usage_error` where the tool was built without prometheus-cpp.
    metrics_server(const std::string& address, bool quiet);
    ~metrics_server();
    metrics_server(const metrics_server&) = delete;
    metrics_server& operator=(const metrics_server&) = delete;

private:
    struct server;
    std::unique_ptr<server> server_;
};

/// With histograms if there is a server.
admit::engine_options options_for_metrics() noexcept;
/// Shows an engine until it goes, if there is a server.
void show_in_metrics(admit::engine& engine);

}  // namespace admit::load
