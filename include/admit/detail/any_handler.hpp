// SPDX-License-Identifier: BSL-1.0
// A completion handler without its type; the compiled parts of run.cpp, expire.cpp and drain.cpp
// keep one. Asio's any_completion_handler is not used for it: around a handler that is type-erased
// already, it uses freed memory when it is destroyed uncalled (chriskohlhoff/asio#1758). Not for
// users of the library.
#pragma once

#include <admit/version.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace admit::detail {

/// Memory of a handler's associated allocator. The allocator may itself need the handler, so memory
/// is only given back while the handler, or what it was moved to, lives.
template <class Handler>
class handler_memory {
    using allocator = boost::asio::associated_allocator_t<Handler>;
    static constexpr bool is_default = std::is_same_v<allocator, std::allocator<void>>;

public:
    /// Asio's recycling allocator instead of the default one: it reuses a thread's last blocks.
    template <class T>
    using rebound = typename std::allocator_traits<std::conditional_t<
        is_default, boost::asio::recycling_allocator<void>, allocator>>::template rebind_alloc<T>;

    template <class T>
    static rebound<T> of([[maybe_unused]] const Handler& handler) noexcept {
        if constexpr (is_default)
            return {};
        else
            return rebound<T>{boost::asio::get_associated_allocator(handler)};
    }
};

/// A kept handler as `any_handler` sees it. Memory is counted in blocks of `std::max_align_t`.
template <class... Args>
struct kept_base {
    virtual void call(Args... args) = 0;
    virtual void destroy() noexcept = 0;
    virtual void* allocate(std::size_t blocks) = 0;
    virtual void deallocate(void* memory, std::size_t blocks) noexcept = 0;
    virtual boost::asio::cancellation_slot slot() const noexcept = 0;

protected:
    ~kept_base() = default;
};

template <class Handler, class... Args>
struct kept_handler final : kept_base<Args...> {
    explicit kept_handler(Handler& from) : handler{std::move(from)} {}

    static kept_handler* make(Handler from) {
        auto memory = handler_memory<Handler>::template of<kept_handler>(from);
        kept_handler* const place = std::allocator_traits<decltype(memory)>::allocate(memory, 1);
        return new (place) kept_handler{from};  // handlers are moved without an exception
    }
    Handler take() noexcept {
        Handler taken{std::move(handler)};
        auto memory = handler_memory<Handler>::template of<kept_handler>(taken);
        this->~kept_handler();
        std::allocator_traits<decltype(memory)>::deallocate(memory, this, 1);
        return taken;
    }
    auto blocks_memory() const noexcept {
        return handler_memory<Handler>::template of<std::max_align_t>(handler);
    }

    void call(Args... args) override {
        Handler taken = take();  // its memory is free again when the handler runs
        std::move(taken)(std::move(args)...);
    }
    void destroy() noexcept override { [[maybe_unused]] const Handler taken = take(); }
    void* allocate(std::size_t blocks) override {
        auto memory = blocks_memory();
        return std::allocator_traits<decltype(memory)>::allocate(memory, blocks);
    }
    void deallocate(void* place, std::size_t blocks) noexcept override {
        auto memory = blocks_memory();
        std::allocator_traits<decltype(memory)>::deallocate(
            memory, static_cast<std::max_align_t*>(place), blocks);
    }
    boost::asio::cancellation_slot slot() const noexcept override {
        return boost::asio::get_associated_cancellation_slot(handler);
    }

    Handler handler;
};

/// The allocator of a kept handler, for other memory; the handler outlives what is allocated.
template <class T, class Kept>
class kept_allocator {
public:
    using value_type = T;
    template <class U>
    struct rebind {
        using other = kept_allocator<U, Kept>;
    };
    explicit kept_allocator(Kept* handler) noexcept : handler_{handler} {}
    template <class U>
    explicit(false) kept_allocator(const kept_allocator<U, Kept>& other) noexcept
        : handler_{other.handler_} {}

    T* allocate(std::size_t n) { return static_cast<T*>(handler_->allocate(blocks(n))); }
    void deallocate(T* memory, std::size_t n) noexcept { handler_->deallocate(memory, blocks(n)); }
    friend bool operator==(const kept_allocator&, const kept_allocator&) = default;

private:
    template <class U, class K>
    friend class kept_allocator;

    static constexpr std::size_t blocks(std::size_t n) noexcept {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        return (n * sizeof(T) + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);
    }
    Kept* handler_;
};

template <class Signature>
class any_handler;

/// Called or destroyed once. Keeps the handler in memory of the handler's allocator.
template <class... Args>
class any_handler<void(Args...)> {
    using kept = kept_base<Args...>;
    struct destroy {
        void operator()(kept* handler) const noexcept { handler->destroy(); }
    };

public:
    template <class Handler>
    requires(!std::is_same_v<Handler, any_handler>) explicit(false) any_handler(Handler handler)
        : kept_{kept_handler<Handler, Args...>::make(std::move(handler))} {}

    void operator()(Args... args) && { kept_.release()->call(std::move(args)...); }

    using allocator_type = kept_allocator<std::byte, kept>;
    allocator_type get_allocator() const noexcept { return allocator_type{kept_.get()}; }

    using cancellation_slot_type = boost::asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept { return kept_->slot(); }

private:
    std::unique_ptr<kept, destroy> kept_;
};

}  // namespace admit::detail
