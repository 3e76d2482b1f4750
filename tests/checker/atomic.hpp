// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "checker/access.hpp"
#include "checker/plain.hpp"
#include "checker/step.hpp"

namespace admit::model {

template <class T>
struct atomic_difference {
    using type = T;
};
template <class T>
struct atomic_difference<T*> {
    using type = std::ptrdiff_t;
};

/// Takes the place of std::atomic<T> in a model build. It has the size and alignment of T, so that
/// layout assertions of the product hold here as well. It lacks the conversions and operators that
/// hide a seq_cst operation.
template <class T>
class atomic {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));

public:
    using value_type = T;
    using difference_type = typename atomic_difference<T>::type;

    static constexpr bool is_always_lock_free = true;

    constexpr atomic() noexcept : atomic(T{}) {}
    explicit(false) constexpr atomic(T value) noexcept : value_(value) {
        if (!std::is_constant_evaluated()) {
            access::construct_atomic(this, to_bits(value));
        }
    }
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;
    ~atomic() { access::destroy_atomic(this); }

    [[nodiscard]] bool is_lock_free() const noexcept { return true; }

    [[nodiscard]] T load(std::memory_order order = std::memory_order_seq_cst) const noexcept {
        return access::modelled() ? from_bits(access::load(target(), order)) : value_;
    }

    void store(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
        if (access::modelled()) {
            access::store(target(), to_bits(value), order);
        }
        value_ = value;
    }

    T exchange(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
        return modify<operation_kind::exchange>(value, order);
    }

    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure) noexcept {
        return compare_exchange(operation_kind::compare_exchange_weak, expected, desired,
                                {success, failure});
    }
    bool compare_exchange_weak(T& expected, T desired,
                               std::memory_order order = std::memory_order_seq_cst) noexcept {
        return compare_exchange_weak(expected, desired, order, order_of_failure(order));
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure) noexcept {
        return compare_exchange(operation_kind::compare_exchange_strong, expected, desired,
                                {success, failure});
    }
    bool compare_exchange_strong(T& expected, T desired,
                                 std::memory_order order = std::memory_order_seq_cst) noexcept {
        return compare_exchange_strong(expected, desired, order, order_of_failure(order));
    }

    T fetch_add(difference_type by, std::memory_order order = std::memory_order_seq_cst) noexcept
        requires(std::is_integral_v<T> || std::is_pointer_v<T>) {
        return modify<operation_kind::fetch_add>(by, order);
    }
    T fetch_sub(difference_type by, std::memory_order order = std::memory_order_seq_cst) noexcept
        requires(std::is_integral_v<T> || std::is_pointer_v<T>) {
        return modify<operation_kind::fetch_sub>(by, order);
    }
    T fetch_and(T mask, std::memory_order order =
                            std::memory_order_seq_cst) noexcept requires std::is_integral_v<T> {
        return modify<operation_kind::fetch_and>(mask, order);
    }
    T fetch_or(T mask, std::memory_order order =
                           std::memory_order_seq_cst) noexcept requires std::is_integral_v<T> {
        return modify<operation_kind::fetch_or>(mask, order);
    }
    T fetch_xor(T mask, std::memory_order order =
                            std::memory_order_seq_cst) noexcept requires std::is_integral_v<T> {
        return modify<operation_kind::fetch_xor>(mask, order);
    }

private:
    [[nodiscard]] object target() const noexcept { return {this, sizeof(T)}; }

    template <class V>
    static std::uint64_t to_bits(V value) noexcept {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof value);
        return bits;
    }
    template <class V = T>
    static V from_bits(std::uint64_t bits) noexcept {
        V value;
        std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
        return value;
    }

    static std::memory_order order_of_failure(std::memory_order order) noexcept {
        switch (order) {
            case std::memory_order_acq_rel: return std::memory_order_acquire;
            case std::memory_order_release: return std::memory_order_relaxed;
            default: return order;
        }
    }

    /// In unsigned arithmetic, as atomic integers wrap around on overflow.
    template <operation_kind Kind>
    static std::uint64_t combine(std::uint64_t found, std::uint64_t operand) noexcept {
        constexpr std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * sizeof(T));
        switch (Kind) {
            case operation_kind::fetch_add: return (found + scale() * operand) & mask;
            case operation_kind::fetch_sub: return (found - scale() * operand) & mask;
            case operation_kind::fetch_and: return found & operand;
            case operation_kind::fetch_or: return found | operand;
            case operation_kind::fetch_xor: return found ^ operand;
            default: return operand;
        }
    }
    static constexpr std::uint64_t scale() noexcept {
        if constexpr (std::is_pointer_v<T>) {
            return sizeof(std::remove_pointer_t<T>);
        } else {
            return 1;
        }
    }

    template <operation_kind Kind, class V>
    T modify(V operand, std::memory_order order) noexcept {
        const std::uint64_t bits = to_bits(operand);
        const std::uint64_t found =
            access::modelled() ? access::modify(target(), Kind, &combine<Kind>, bits, order)
                               : to_bits(value_);
        value_ = from_bits(combine<Kind>(found, bits));
        return from_bits(found);
    }

    bool compare_exchange(operation_kind kind, T& expected, T desired,
                          exchange_orders orders) noexcept {
        std::uint64_t found = access::modelled() ? to_bits(expected) : to_bits(value_);
        const bool exchanged =
            access::modelled()
                ? access::compare_exchange(target(), kind, found, to_bits(desired), orders)
                : found == to_bits(expected);
        if (exchanged) {
            value_ = desired;
        } else {
            expected = from_bits(found);
        }
        return exchanged;
    }

    /// The newest value, for a debugger. The memory of the execution holds all values.
    alignas(sizeof(T)) T value_;
};

}  // namespace admit::model
