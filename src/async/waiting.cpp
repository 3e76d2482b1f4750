#include "async/waiting.hpp"

#include <admit/async.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <memory>

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
constinit thread_local wait_op* being_posted = nullptr;

/// Serves when the present scope has ended, whatever happens in it.
struct served_afterwards {
    core::engine_core& core;
    ~served_afterwards() { admission::serve(core, system::this_thread()); }
};

}  // namespace

/// Owns an operation on its way to its executor.
class wait_op::delivery {
public:
    explicit delivery(wait_op* op) noexcept : op_{op} {}
    delivery(delivery&& other) noexcept : op_{std::exchange(other.op_, nullptr)} {}
    delivery& operator=(delivery&&) = delete;
    ~delivery() {
        if (op_ == nullptr) return;
        if (op_ == being_posted)
            being_posted = nullptr;
        else
            op_->destroy();
    }

    void operator()() { std::exchange(op_, nullptr)->complete(); }

    using allocator_type = asio::any_completion_handler_allocator<void, admit_signature>;
    allocator_type get_allocator() const noexcept { return op_->handler_.get_allocator(); }

private:
    wait_op* op_;
};

struct wait_op::canceller {
    core::engine_core* core;
    ticket mine;

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none) return;
        wait_op* const op = take_back(*core, mine);
        if (op == nullptr) return;
        const served_afterwards serving{*core};
        op->error_ = asio::error::operation_aborted;
        // Without memory to post, sooner inside the emission than never.
        if (!op->wake({})) op->complete();
    }
};

wait_op* wait_op::make(request what, asio::any_io_executor executor, admit_handler handler) {
    allocator memory{handler.get_allocator()};
    wait_op* const place = memory.allocate(1);
    try {
        return new (place) wait_op{std::move(what), std::move(executor), handler};
    } catch (...) {
        memory.deallocate(place, 1);
        throw;
    }
}

wait_op::wait_op(request what, asio::any_io_executor executor, admit_handler& handler)
    : what_{std::move(what)},
      executor_{std::move(executor)},
      work_{asio::prefer(executor_, asio::execution::outstanding_work.tracked)},
      handler_{std::move(handler)} {
    user = what_.user.user();
    tag = access::tag(what_.user);
}

admit_handler wait_op::destroy() noexcept {
    // The memory goes before the handler is called, so that it can be used by what comes next.
    admit_handler handler = std::move(handler_);
    allocator memory{handler.get_allocator()};
    this->~wait_op();
    memory.deallocate(this, 1);
    return handler;
}

void wait_op::start(admission::stay kind) {
    kind_ = kind;
    core::engine_core& core = what_.engine.core();
    asio::execution_context& context = asio::query(executor_, asio::execution::context);
    std::unique_ptr<wait_op, void (*)(wait_op*)> guard{this, [](wait_op* op) { op->destroy(); }};
    asio::use_service<waiting_service>(context);
    if (what_.wait_at_most < forever) timer_.emplace(executor_, what_.wait_at_most);
    waiting_room& room = waiting_room::of(core);
    const ticket mine = room.reserve(*this, kind, &context);
    guard.release();
    if (!mine) {
        core.events.count(core::event::rejected_queue_full, system::this_thread().stripe);
        error_ = errc::queue_full;
        if (!wake({})) complete();
        return;
    }
    try {
        arm(mine);
    } catch (...) {
        if (wait_op* const me = take_back(core, mine)) me->destroy();
        room.enter(mine);
        admission::serve(core, system::this_thread());
        throw;
    }
    // The operation may be over by now: only what is not its own is touched.
    room.enter(mine);
    admission::serve(core, system::this_thread());
}

void wait_op::arm(const ticket& mine) {
    core::engine_core& core = what_.engine.core();
    auto slot = asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) slot.emplace<canceller>(canceller{&core, mine});
    if (!timer_) return;
    // The error code does not matter: if the wait is over, the ticket is out of date.
    timer_->async_wait([&core, mine](const boost::system::error_code&) {
        if (wait_op* const op = take_back(core, mine)) op->time_out();
    });
}

wait_op* wait_op::take_back(core::engine_core& core, const ticket& mine) noexcept {
    return static_cast<wait_op*>(waiting_room::find(core)->withdraw(mine));
}

void wait_op::time_out() {
    core::engine_core& core = what_.engine.core();
    const served_afterwards serving{core};
    if (kind_ == admission::stay::for_room)
        core.events.count(core::event::rejected_wait_timeout, system::this_thread().stripe);
    error_ = errc::wait_timeout;
    complete();
}

bool wait_op::wake(const admission::admission& verdict) noexcept {
    verdict_ = verdict;
    wait_op* const outer = std::exchange(being_posted, this);
    bool posted = true;
    try {
        // By a copy: the operation may be gone before the call has returned.
        const asio::any_io_executor executor = executor_;
        asio::post(executor, delivery{this});
        // Dropped on the way, by an executor that is shut down.
        if (being_posted != this) destroy();
    } catch (...) {
        posted = false;
    }
    being_posted = outer;
    return posted;
}

void wait_op::complete() {
    const auto verdict = verdict_;
    const boost::system::error_code error =
        error_ || verdict || verdict.reason == errc{} ? error_ : make_error_code(verdict.reason);
    auto slot = asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) slot.clear();
    const asio::any_io_executor work = std::move(work_);
    admit_handler handler = destroy();
    std::move(handler)(error, access::make_permit(verdict));
}

// --- What the header calls --------------------------------------------------------------------

engine_ref::engine_ref(engine& engine) noexcept
    // relaxed: written before anybody could reach the engine.
    : core_{engine.core_}, number_{core_->number.load(core::memory_order_relaxed)} {}

bool engine_ref::alive() const noexcept {
    // relaxed: the number is all that is asked for.
    return core_->number.load(core::memory_order_relaxed) == number_;
}

answer ask(const request& what) noexcept {
    answer given;
    core::engine_core& core = what.engine.core();
    auto& me = system::this_thread();
    errc reason{};
    const bool open = admission::may_enter(core, me, reason);
    if (!open && reason == errc::shutting_down) {
        given.error = admission::reject(core, reason, me).reason;
    } else if (access::engine(what.user) != what.engine.number()) {
        reason = admission::own_reason(core, errc::invalid_user_id, me);
        given.error = admission::reject(core, reason, me).reason;
    } else {
        admission::admission begun{.slot = {}, .reason = reason};
        if (open) begun = admission::admit(core, {what.user.user(), access::tag(what.user)}, me);
        if (begun)
            given.granted = access::make_permit(begun);
        else if (what.wait_at_most > duration::zero())
            given.final = false;
        else
            given.error = admission::reject(core, begun.reason, me).reason;
    }
    return given;
}

void wait(request what, asio::any_io_executor executor, admit_handler handler) {
    start_waiting(admission::stay::for_room, std::move(what), std::move(executor),
                  std::move(handler));
}

void start_waiting(admission::stay kind, request what, asio::any_io_executor executor,
                   admit_handler handler) {
    wait_op::make(std::move(what), std::move(executor), std::move(handler))->start(kind);
}

}  // namespace admit::detail
