#include <admit/async.hpp>
#include <algorithm>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <memory>
#include <new>

#include "async/access.hpp"
#include "state/engine_registry.hpp"
#include "system/this_thread.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::detail {

namespace asio = boost::asio;
using core::cell_handle;
using core::waiting_room;

namespace {

/// Lets the operations perish that wait when their context goes away.
class waiting_service final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;

    explicit waiting_service(asio::execution_context& context) : service{context} {}

private:
    void shutdown() noexcept override {
        core::engine_registry::for_each([this](core::engine_core& core) {
            if (waiting_room* const room = waiting_room::find(core))
                room->abandon_context(core, &context(), system::this_thread());
        });
    }
};

/// An operation is being posted by this thread. When the post throws, what was to own the operation
/// is destroyed within it; then the operation is still the poster's.
constinit thread_local wait_base* being_posted = nullptr;

}  // namespace

void register_shutdown_hook(asio::execution_context& context) {
    asio::use_service<waiting_service>(context);
}

bool wait_base::wake(const core::verdict& verdict) noexcept {
    if (verdict) granted_ = access::make_permit(verdict);
    if (verdict.reason != errc{}) error_ = verdict.reason;
    return try_to_post();
}

/// The operation, if it is still waiting; then it is the caller's, waits no more, and gives back
/// what it may have been granted.
wait_base* wait_base::take_back(core::engine_core& core, const cell_handle& mine) noexcept {
    core::waiter_base* const who = waiting_room::find(core)->withdraw(mine);
    if (who == nullptr) return nullptr;
    wait_base* const op = static_cast<wait_base*>(who);
    op->granted_ = {};
    core::serve(core, system::this_thread());
    return op;
}

struct wait_base::canceller {
    core::engine_core* core;
    cell_handle mine;

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none) return;
        wait_base* const op = take_back(*core, mine);
        if (op == nullptr) return;
        op->aborted_ = true;
        // Without memory to post, sooner inside the emission than never.
        if (!op->try_to_post()) op->deliver();
    }
};

struct wait_base::timeout_handler {
    engine_ref engine;
    cell_handle mine;
    core::wait_kind what;

    // The error code does not matter: if the wait is over, the ticket is out of date.
    void operator()(const boost::system::error_code&) const {
        // One who could not be told that the engine goes waits on, and does not count for the next.
        const engine_pin there{engine};
        wait_base* const op = take_back(engine.core(), mine);
        if (op == nullptr) return;
        if (what == core::wait_kind::for_slot && there)
            engine.core().events.count(core::event::rejected_wait_timeout,
                                       system::this_thread().stripe);
        op->error_ = errc::wait_timeout;
        op->deliver();
    }
};

void wait_base::start(const request& what, core::wait_kind kind, asio::execution_context& context,
                      asio::cancellation_slot slot) {
    std::unique_ptr<wait_base, void (*)(wait_base*)> owned{this,
                                                           [](wait_base* op) { op->destroy(); }};
    register_shutdown_hook(context);
    const engine_ref engine = what.engine;
    core::engine_core& core = engine.core();
    if (what.wait_at_most < forever)
        timer_ = std::make_unique<asio::steady_timer>(timer_executor(), what.wait_at_most);
    waiting_room& room = waiting_room::of(core);
    const cell_handle mine = room.arm(*this, what.user.tag(), kind, &context);
    if (!mine) {
        core.events.count(core::event::rejected_queue_full, system::this_thread().stripe);
        error_ = errc::queue_full;
        if (!try_to_post()) throw std::bad_alloc{};
        static_cast<void>(owned.release());
        return;
    }
    static_cast<void>(owned.release());
    const auto come_in = [&] {
        room.enqueue(mine);
        core::serve(core, system::this_thread());
    };
    try {
        if (slot.is_connected()) slot.emplace<canceller>(canceller{&core, mine});
        if (timer_) timer_->async_wait(timeout_handler{engine, mine, kind});
    } catch (...) {
        if (wait_base* const thread = take_back(core, mine)) thread->destroy();
        come_in();
        throw;
    }
    // The operation, and what asked for it, may be over by now: nothing of theirs is touched.
    come_in();
}

bool wait_base::try_to_post() noexcept {
    wait_base* const outer = std::exchange(being_posted, this);
    bool posted = true;
    try {
        post();
        // Dropped on the way, by an executor that is shut down.
        if (being_posted != this) destroy();
    } catch (...) {
        posted = false;
    }
    being_posted = outer;
    return posted;
}

void wait_base::dropped(wait_base* op) noexcept {
    if (op == being_posted)
        being_posted = nullptr;
    else
        op->destroy();
}

void wait_base::deliver() {
    complete(aborted_ ? asio::error::operation_aborted : code_of(error_), std::move(granted_));
}

// --- What the header calls --------------------------------------------------------------------

engine_ref::engine_ref(engine& engine) noexcept
    // relaxed: written before anybody could reach the engine.
    : core_{engine.core_}, number_{core_->number.load(core::memory_order_relaxed)} {}

bool engine_ref::alive() const noexcept {
    // relaxed: the number is all that is asked for.
    return core_->number.load(core::memory_order_relaxed) == number_;
}

user_bytes::user_bytes(const user_bytes& other) : size_{other.size_}, on_heap_{size_ > most_near} {
    char* const own = on_heap_ ? new char[size_] : near_;
    std::copy_n(other.data_, size_, own);
    data_ = own;
}

asker::asker(engine_ref engine, const user_key& user) noexcept
    : id_{access::engine(user) == engine.number() ? user.user() : std::string_view{}},
      tag_{access::tag(user)} {}

asker::asker(engine_ref engine, std::string_view user) noexcept
    : id_{core::is_user_id(user) ? user : std::string_view{}},
      tag_{id_.view().empty() ? 0 : core::tag_of(engine.core(), user)} {}

answer ask(const request& what) noexcept {
    if (!what.engine.alive()) return {.final = true, .reason = errc::shutting_down, .granted = {}};
    core::engine_core& core = what.engine.core();
    auto& thread = system::this_thread();
    const auto rejected = [&](errc why) {
        return answer{
            .final = true, .reason = core::reject(core, why, thread).reason, .granted = {}};
    };
    errc reason{};
    const std::uint32_t user_limit = core::entry_limit(core, thread, reason);
    if (user_limit == 0 && reason == errc::shutting_down) return rejected(reason);
    if (what.user.id().view().empty())
        return rejected(core::rejection_reason(core, errc::invalid_user_id, thread));
    if (user_limit > 0) {
        const auto begun =
            core::admit(core, {what.user.id().view(), what.user.tag()}, user_limit, thread);
        // Made where it is returned: a permit just written is slow to move.
        if (begun) return {.final = true, .reason = {}, .granted = access::make_permit(begun)};
        reason = begun.reason;
    }
    if (what.wait_at_most > duration::zero()) return {.final = false, .reason = {}, .granted = {}};
    return rejected(reason);
}

}  // namespace admit::detail
