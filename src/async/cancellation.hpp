// SPDX-License-Identifier: BSL-1.0
// Connects the cancellation slot of a handler with a shared operation, for run.cpp, expire.cpp and
// drain.cpp.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <memory>
#include <utility>

namespace admit::detail {

/// A cancellation that is emitted while the operation lives calls `cancel(operation, type)`.
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
