// SPDX-License-Identifier: BSL-1.0
#include "load/metrics_server.hpp"

#include <fmt/format.h>
#include <prometheus/exposer.h>

#include <admit/metrics.hpp>
#include <atomic>
#include <exception>
#include <stdexcept>

#include "common/output.hpp"

namespace admit::load {
namespace {

constexpr const char* engine_name = "load";
std::atomic<admit::metrics*> shown{nullptr};

}  // namespace

struct metrics_server::server {
    explicit server(const std::string& address) : exposer(address) {
        exposer.RegisterCollectable(figures);
    }

    std::shared_ptr<admit::metrics> figures = std::make_shared<admit::metrics>();
    prometheus::Exposer exposer;
};

metrics_server::metrics_server(const std::string& address, bool quiet) {
    try {
        server_ = std::make_unique<server>(address);
    } catch (const std::exception&) {  // which only says that something went wrong
        throw std::runtime_error(fmt::format("--metrics {}: cannot listen there", address));
    }
    shown = server_->figures.get();
    if (quiet) return;
    tools::write_err(fmt::format("admit-load: metrics at http://{}:{}/metrics\n",
                                 address.substr(0, address.rfind(':')),
                                 server_->exposer.GetListeningPorts().at(0)));
}

metrics_server::~metrics_server() { shown = nullptr; }

admit::engine_options options_for_metrics() noexcept { return {.histograms = shown != nullptr}; }

void show_in_metrics(admit::engine& engine) {
    if (admit::metrics* const figures = shown) figures->add(engine, engine_name);
}

}  // namespace admit::load
