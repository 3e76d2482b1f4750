// SPDX-License-Identifier: BSL-1.0
#include "async/context_shutdown.hpp"

#include "base/get_or_install.hpp"
#include "lifecycle/supervision.hpp"
#include "state/engine_registry.hpp"
#include "system/this_thread.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

class shutdown_service final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;

    explicit shutdown_service(asio::execution_context& context) : service{context} {}
    ~shutdown_service() override {
        delete timer_.load(std::memory_order_relaxed);  // relaxed: no other thread is left
    }

    std::shared_ptr<retry_timer> timer() {
        return core::get_or_install(timer_, [this] {
            return std::make_unique<std::shared_ptr<retry_timer>>(
                std::make_shared<retry_timer>(context()));
        });
    }

private:
    void shutdown() noexcept override {
        core::engine_registry::for_each([this](core::engine_core& core) {
            core::supervisor_cells::abandon_context(core, &context());
            if (core::waiting_room* const room = core::waiting_room::find(core))
                room->abandon_context(core, &context(), system::this_thread());
        });
        // acquire: edge install -> use. No other thread makes a timer in a context that goes.
        if (const auto* const timer = timer_.load(std::memory_order_acquire)) (*timer)->close();
    }

    core::atomic<std::shared_ptr<retry_timer>*> timer_{nullptr};
};

}  // namespace

void register_shutdown_hook(asio::execution_context& context) {
    asio::use_service<shutdown_service>(context);
}

std::shared_ptr<retry_timer> retry_timer_of(asio::execution_context& context) {
    return asio::use_service<shutdown_service>(context).timer();
}

}  // namespace admit::detail
