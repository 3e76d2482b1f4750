// SPDX-License-Identifier: BSL-1.0
#include "async/context_shutdown.hpp"

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

private:
    void shutdown() noexcept override {
        core::engine_registry::for_each([this](core::engine_core& core) {
            core::supervisor_cells::abandon_context(core, &context());
            if (core::waiting_room* const room = core::waiting_room::find(core))
                room->abandon_context(core, &context(), system::this_thread());
        });
    }
};

}  // namespace

void register_shutdown_hook(asio::execution_context& context) {
    asio::use_service<shutdown_service>(context);
}

}  // namespace admit::detail
