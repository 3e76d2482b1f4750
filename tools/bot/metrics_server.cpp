// SPDX-License-Identifier: BSL-1.0
#include "bot/metrics_server.hpp"

#include <stdexcept>

#ifdef ADMIT_BOT_METRICS
#include <prometheus/exposer.h>

#include <admit/metrics.hpp>
#endif

namespace admit::bot {

#ifdef ADMIT_BOT_METRICS

struct metrics_server::parts {
    explicit parts(const std::string& address) : exposer{address, threads} {}

    static constexpr std::size_t threads = 4;  // a connection that is idle occupies one
    std::shared_ptr<admit::metrics> figures = std::make_shared<admit::metrics>();
    prometheus::Exposer exposer;  // keeps a weak pointer
};

metrics_server::metrics_server(admit::engine& engine, const std::string& address) {
    if (address.empty()) return;
    try {
        parts_ = std::make_unique<parts>(address);
    } catch (const std::exception& failed) {
        throw std::runtime_error{"metrics cannot be served at " + address + ": " + failed.what()};
    }
    parts_->figures->add(engine, "ircbot");
    parts_->exposer.RegisterCollectable(parts_->figures);
}

bool metrics_built_in() { return true; }

#else

struct metrics_server::parts {};

metrics_server::metrics_server(admit::engine&, const std::string& address) {
    if (!address.empty()) throw std::runtime_error{"this bot was built without metrics"};
}

bool metrics_built_in() { return false; }

#endif

metrics_server::~metrics_server() = default;

}  // namespace admit::bot
