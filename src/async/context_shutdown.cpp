// SPDX-License-Identifier: BSL-1.0
#include "async/context_shutdown.hpp"

#include "lifecycle/supervision.hpp"
#include "state/engine_registry.hpp"
#include "system/this_thread.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

/// Returns when no other thread posts to the context, or uses what is bound to it.
void abandon_all_of(asio::execution_context& context) noexcept {
    core::engine_registry::for_each([&](core::engine_core& core) {
        core::supervisor_cells::abandon_context(core, &context);
        if (core::waiting_room* const room = core::waiting_room::find(core))
            room->abandon_context(core, &context, system::this_thread());
    });
}

class shutdown_service final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;

    explicit shutdown_service(asio::execution_context& context) : service{context} {}

private:
    void shutdown() noexcept override { abandon_all_of(context()); }
};

/// For waits with a timer. Services shut down in the opposite order of their making, and Asio's
/// timers do not expect other threads by then. So this one makes Asio's timers first.
class timer_service final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;

    explicit timer_service(asio::execution_context& context)
        : service{context}, timer{std::make_shared<retry_timer>(context)} {}

    const std::shared_ptr<retry_timer> timer;

private:
    void shutdown() noexcept override {
        abandon_all_of(context());
        timer->close();
    }
};

}  // namespace

void register_shutdown_hook(asio::execution_context& context, bool with_timer) {
    if (with_timer)
        asio::use_service<timer_service>(context);
    else
        asio::use_service<shutdown_service>(context);
}

std::shared_ptr<retry_timer> retry_timer_of(asio::execution_context& context) {
    return asio::use_service<timer_service>(context).timer;
}

}  // namespace admit::detail
