// The way from the public classes to what is behind them, for the operations.
#pragma once

#include <admit/detail/async.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <utility>

#include "lifecycle/conversations.hpp"

namespace admit::detail {

struct access {
    static core::user_tag tag(const user_key& user) noexcept { return user.tag_; }
    static std::uint64_t engine(const user_key& user) noexcept { return user.engine_; }

    /// Of a conversation that has begun.
    static permit make_permit(const core::verdict& begun) noexcept {
        // relaxed: the engine has admitted, so its number is known.
        const std::uint64_t engine =
            begun.slot.group->core->number.load(core::memory_order_relaxed);
        return permit{
            begun.slot.group,
            {.engine = engine, .generation = begun.generation, .slot = begun.slot.number()}};
    }

    static core::slot_ref slot(const permit& of) noexcept {
        return {of.group_, of.id_.slot % core::slots_per_group};
    }
};

/// Keeps the memory of an engine for as long as this lives, if the engine is still there.
class engine_pin {
public:
    explicit engine_pin(engine_ref on) noexcept
        : core_{on.core()}, joined_{core_.lifetime.try_pin()}, there_{joined_ && on.alive()} {}
    engine_pin(const engine_pin&) = delete;
    engine_pin& operator=(const engine_pin&) = delete;
    ~engine_pin() {
        if (joined_ && core_.lifetime.unpin()) core::engine_registry::put(&core_);
    }

    explicit operator bool() const noexcept { return there_; }

private:
    core::engine_core& core_;
    bool joined_;
    bool there_;
};

/// Has who waits in an engine, or looks after a conversation, cleared out when the context goes.
/// Throws `std::bad_alloc`.
void register_shutdown_hook(boost::asio::execution_context& context);

/// Has `cancel(op, type)` called when the handler's cancellation slot is asked for it.
template <class Handler, class Op, class Cancel>
void connect(const Handler& handler, std::weak_ptr<Op> op, Cancel cancel) {
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (!slot.is_connected()) return;
    slot.assign([op = std::move(op), cancel](boost::asio::cancellation_type type) {
        if (type == boost::asio::cancellation_type::none) return;
        if (const auto self = op.lock()) cancel(self, type);
    });
}

}  // namespace admit::detail
