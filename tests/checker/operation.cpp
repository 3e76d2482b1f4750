// SPDX-License-Identifier: BSL-1.0
#include "checker/operation.hpp"

namespace admit::model {

std::string_view to_string(operation_kind kind) {
    switch (kind) {
        case operation_kind::load: return "load";
        case operation_kind::store: return "store";
        case operation_kind::exchange: return "exchange";
        case operation_kind::fetch_add: return "fetch_add";
        case operation_kind::fetch_sub: return "fetch_sub";
        case operation_kind::fetch_and: return "fetch_and";
        case operation_kind::fetch_or: return "fetch_or";
        case operation_kind::fetch_xor: return "fetch_xor";
        case operation_kind::compare_exchange_weak: return "compare_exchange_weak";
        case operation_kind::compare_exchange_strong: return "compare_exchange_strong";
        case operation_kind::park: return "park";
        case operation_kind::park_until: return "park_until";
        case operation_kind::unpark: return "unpark";
        case operation_kind::join: return "join";
        case operation_kind::yield: return "yield";
        case operation_kind::read_clock: return "read clock";
        case operation_kind::advance_clock: return "advance clock";
        case operation_kind::cancel: return "cancel";
        case operation_kind::cancellation_point: return "cancellation point";
        case operation_kind::plain_read: return "plain read";
        case operation_kind::plain_write: return "plain write";
        case operation_kind::plain_destroy: return "plain destroy";
        case operation_kind::construct: return "construct";
        case operation_kind::destroy: return "destroy";
        case operation_kind::spawn: return "spawn";
        case operation_kind::finish: return "finish";
        case operation_kind::suspend: return "suspended here";
        case operation_kind::resume: return "resumed";
        case operation_kind::choice: return "choose";
        case operation_kind::label: return "step";
    }
    return "?";
}

std::string_view to_string(std::memory_order order) {
    switch (order) {
        case std::memory_order_relaxed: return "relaxed";
        case std::memory_order_consume: return "consume";
        case std::memory_order_acquire: return "acquire";
        case std::memory_order_release: return "release";
        case std::memory_order_acq_rel: return "acq_rel";
        case std::memory_order_seq_cst: return "seq_cst";
    }
    return "?";
}

}  // namespace admit::model
