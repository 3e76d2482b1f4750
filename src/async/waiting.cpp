#include <admit/async.hpp>
#include <algorithm>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <memory>
#include <new>

#include "admission/waiting_room.hpp"
#include "async/access.hpp"
#include "core/core_store.hpp"
#include "system/this_thread.hpp"

namespace admit::detail {

namespace asio = boost::asio;
using admission::ticket;
using admission::waiting_room;

namespace {

/// Lets the operations perish that wait when their context goes away.
class waiting_service final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;

    explicit waiting_service(asio::execution_context& context) : service{context} {}

private:
    void shutdown() noexcept override {
        core::core_store::for_each([this](core::engine_core& core) {
            if (waiting_room* const room = waiting_room::find(core))
                room->clear_out(core, &context(), system::this_thread());
        });
    }
};

/// An operation is being posted by this thread. When the post throws, what was to own the operation
/// is destroyed within it; then the operation is still the poster's.
constinit thread_local wait_base* being_posted = nullptr;

}  // namespace

void tell_of_end(asio::execution_context& context) { asio::use_service<waiting_service>(context); }

struct wait_base::waiter final : admission::sleeper {
    explicit waiter(wait_base& of) : op{of} {}

    bool wake(const admission::admission& verdict) noexcept override {
        op.granted_ = access::make_permit(verdict);
        if (verdict.reason != errc{}) op.error_ = verdict.reason;
        if (op.try_to_post()) return true;
        op.granted_.detach();  // whoever asks again has it
        return false;
    }
    void perish() noexcept override { op.destroy(); }
    std::string_view user() const noexcept override { return op.by_.id(); }

    /// The operation, if it is still waiting; then it is the caller's, and waits no more.
    static wait_base* take_back(core::engine_core& core, const ticket& mine) noexcept {
        admission::sleeper* const who = waiting_room::find(core)->withdraw(mine);
        if (who == nullptr) return nullptr;
        admission::serve(core, system::this_thread());
        return &static_cast<waiter*>(who)->op;
    }

    wait_base& op;
};

struct wait_base::canceller {
    core::engine_core* core;
    ticket mine;

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none) return;
        wait_base* const op = waiter::take_back(*core, mine);
        if (op == nullptr) return;
        op->error_ = asio::error::operation_aborted;
        // Without memory to post, sooner inside the emission than never.
        if (!op->try_to_post()) op->deliver();
    }
};

struct wait_base::alarm {
    engine_ref engine;
    ticket mine;
    wait_for what;

    // The error code does not matter: if the wait is over, the ticket is out of date.
    void operator()(const boost::system::error_code&) const {
        // One who could not be told that the engine goes waits on, and does not count for the next.
        const hold there{engine};
        wait_base* const op = waiter::take_back(engine.core(), mine);
        if (op == nullptr) return;
        if (what == wait_for::room && there)
            engine.core().events.count(core::event::rejected_wait_timeout,
                                       system::this_thread().stripe);
        op->error_ = errc::wait_timeout;
        op->deliver();
    }
};

wait_base::waiter& wait_base::as_waiter() noexcept {
    return *std::launder(reinterpret_cast<waiter*>(waiter_));
}

wait_base::wait_base(asker by) : by_{std::move(by)} {
    static_assert(sizeof(waiter) <= waiter_size && alignof(waiter) <= alignof(void*));
    new (waiter_) waiter{*this};
}

wait_base::~wait_base() { as_waiter().~waiter(); }

void wait_base::start(engine_ref engine, wait_for what, duration at_most,
                      asio::execution_context& context, asio::cancellation_slot slot) {
    std::unique_ptr<wait_base, void (*)(wait_base*)> owned{this,
                                                           [](wait_base* op) { op->destroy(); }};
    tell_of_end(context);
    core::engine_core& core = engine.core();
    if (at_most < forever) timer_ = std::make_unique<asio::steady_timer>(timer_executor(), at_most);
    waiting_room& room = waiting_room::of(core);
    const auto kind =
        what == wait_for::room ? admission::stay::for_room : admission::stay::for_rest;
    const ticket mine = room.reserve(as_waiter(), by_.tag(), kind, &context);
    if (!mine) {
        core.events.count(core::event::rejected_queue_full, system::this_thread().stripe);
        error_ = errc::queue_full;
        if (!try_to_post()) throw std::bad_alloc{};
        static_cast<void>(owned.release());
        return;
    }
    static_cast<void>(owned.release());
    const auto come_in = [&] {
        room.enter(mine);
        admission::serve(core, system::this_thread());
    };
    try {
        if (slot.is_connected()) slot.emplace<canceller>(canceller{&core, mine});
        if (timer_) timer_->async_wait(alarm{engine, mine, what});
    } catch (...) {
        if (wait_base* const me = waiter::take_back(core, mine)) me->destroy();
        come_in();
        throw;
    }
    // The operation may be over by now: only what is not its own is touched.
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

void wait_base::deliver() { complete(error_, std::move(granted_)); }

// --- What the header calls --------------------------------------------------------------------

engine_ref::engine_ref(engine& engine) noexcept
    // relaxed: written before anybody could reach the engine.
    : core_{engine.core_}, number_{core_->number.load(core::memory_order_relaxed)} {}

bool engine_ref::alive() const noexcept {
    // relaxed: the number is all that is asked for.
    return core_->number.load(core::memory_order_relaxed) == number_;
}

asker::asker(const user_key& user) noexcept
    : id_{user.user()}, tag_{access::tag(user)}, engine_{access::engine(user)} {}

asker::asker(engine_ref engine, std::string_view user) noexcept : id_{user} {
    if (!admission::is_user_id(user)) return;
    tag_ = admission::tag_of(engine.core(), user);
    engine_ = engine.number();
}

asker::asker(const asker& other) : tag_{other.tag_}, engine_{other.engine_} {
    const std::size_t size = other.id_.size();
    if (size > most_near) far_ = std::make_unique<char[]>(size);
    char* const own = far_ ? far_.get() : near_;
    std::copy_n(other.id_.data(), size, own);
    id_ = {own, size};
}

answer ask(const request& what) noexcept {
    if (!what.engine.alive()) return {.final = true, .error = errc::shutting_down, .granted = {}};
    core::engine_core& core = what.engine.core();
    auto& me = system::this_thread();
    const auto rejected = [&](errc why) {
        return answer{
            .final = true, .error = admission::reject(core, why, me).reason, .granted = {}};
    };
    errc reason{};
    const std::uint32_t most_of_one = admission::may_enter(core, me, reason);
    if (most_of_one == 0 && reason == errc::shutting_down) return rejected(reason);
    if (what.user.engine() != what.engine.number())
        return rejected(admission::own_reason(core, errc::invalid_user_id, me));
    if (most_of_one > 0) {
        const auto begun =
            admission::admit(core, {what.user.id(), what.user.tag()}, most_of_one, me);
        // Made where it is returned: a permit just written is slow to move.
        if (begun) return {.final = true, .error = {}, .granted = access::make_permit(begun)};
        reason = begun.reason;
    }
    if (what.wait_at_most > duration::zero()) return {.final = false, .error = {}, .granted = {}};
    return rejected(reason);
}

}  // namespace admit::detail
