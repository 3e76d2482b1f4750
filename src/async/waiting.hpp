// An operation that waits for a place in the engine, or for the end of a drain.
//
// Three may end the wait: who serves the waiters (`wake`), the timer, and the cancellation slot.
// One compare-and-swap of the cell's word decides between them; the losers find that there is
// nothing left to do. The winner alone goes on with the operation, so that it needs no count of
// references.
#pragma once

#include <admit/detail/async.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "admission/waiting_room.hpp"

namespace admit::detail {

/// Waits with `what.wait_at_most` above 0. Completes like `async_admit`; when it waits for the end
/// of a drain, with an empty permit.
void start_waiting(admission::stay kind, request what, boost::asio::any_io_executor executor,
                   admit_handler handler);

class wait_op final : public admission::sleeper {
public:
    static wait_op* make(request what, boost::asio::any_io_executor executor,
                         admit_handler handler);

    /// From here on the operation may be over at any time.
    void start(admission::stay kind);

    bool wake(const admission::admission& verdict) noexcept override;
    void perish() noexcept override { destroy(); }

private:
    using allocator = boost::asio::any_completion_handler_allocator<wait_op, admit_signature>;
    class delivery;
    struct canceller;

    wait_op(request what, boost::asio::any_io_executor executor, admit_handler& handler);
    ~wait_op() = default;

    void arm(const admission::ticket& mine);
    static wait_op* take_back(core::engine_core& core, const admission::ticket& mine) noexcept;
    void time_out();
    void complete();
    admit_handler destroy() noexcept;

    request what_;
    boost::asio::any_io_executor executor_;
    boost::asio::any_io_executor work_;  ///< the executor once more: it has work meanwhile
    std::optional<boost::asio::steady_timer> timer_;
    admission::stay kind_{};
    boost::system::error_code error_;
    admission::admission verdict_;
    // Last: it keeps the memory that this is in, should another member fail to be made. (Never
    // assigned: in Asio 1.26 that recurses without end.)
    admit_handler handler_;
};

}  // namespace admit::detail
