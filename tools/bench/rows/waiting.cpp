// SPDX-License-Identifier: BSL-1.0
// Rows of the asynchronous operations: an end that hands its slot to a waiter, and an admission
// that does not wait. Each is compared with a bare hop through the executor. All run on one thread.
#include <admit/async.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "bench/rows/rows.hpp"
#include "bench/users.hpp"

namespace admit::bench {
namespace {

namespace asio = boost::asio;
using context_executor = asio::io_context::executor_type;
using error_code = boost::system::error_code;

/// A handler that contains its executor, like the handler of a coroutine. All rows use it, so its
/// cost is on both sides of a comparison.
template <class Function>
struct handler {
    using executor_type = context_executor;
    executor_type get_executor() const noexcept { return executor; }

    template <class... Arguments>
    void operator()(Arguments&&... arguments) {
        function(std::forward<Arguments>(arguments)...);
    }

    executor_type executor;
    Function function;
};

/// The number of waiters in a busy bot.
constexpr std::uint64_t batch_size = 200;

/// Handlers that run one after another in one context. The preparation of each batch is not timed.
class chain : public workload {
public:
    explicit chain(const limits& settings) : engine_{settings} {
        for (std::uint64_t user = 0; user < batch_size; ++user)
            keys_.push_back(engine_.key(user_id{user}.view()));
    }

    std::chrono::nanoseconds run(unsigned, std::uint64_t n) noexcept override {
        std::chrono::nanoseconds took{};
        for (; n > 0; n -= batch_) {
            batch_ = std::min(n, batch_size);
            done_ = 0;
            prepare();
            const auto start = std::chrono::steady_clock::now();
            context_.restart();
            context_.run();
            took += std::chrono::steady_clock::now() - start;
            unexpected_ += batch_ - std::min(done_, batch_);
        }
        return took;
    }
    std::uint64_t unexpected() const noexcept override { return unexpected_; }

protected:
    /// Posts the first handler.
    virtual void prepare() = 0;

    template <class Function>
    handler<Function> in_context(Function function) {
        return {context_.get_executor(), std::move(function)};
    }

    engine engine_;
    asio::io_context context_{1};
    std::vector<user_key> keys_;
    std::uint64_t batch_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t unexpected_ = 0;
};

limits limits_for(std::size_t slots) { return {.max_concurrent = slots, .max_per_user = 1}; }

/// A hop through the executor, and the end of a conversation.
class hop_and_end final : public chain {
public:
    hop_and_end() : chain{limits_for(2 * batch_size)} {}

private:
    void prepare() override {
        held_.clear();
        for (std::uint64_t i = 0; i < batch_; ++i) held_.push_back(*engine_.try_admit(keys_[i]));
        next();
    }
    void next() {
        asio::post(in_context([this] {
            if (done_ + 1 < batch_) next();
            held_[done_++].end();
        }));
    }

    std::vector<permit> held_;
};

/// The end of a conversation hands its slot to a waiter.
class end_with_waiter final : public chain {
public:
    end_with_waiter() : chain{limits_for(1)} {}

private:
    void prepare() override {
        permit first = *engine_.try_admit("the first");
        for (std::uint64_t i = 0; i < batch_; ++i)
            async_admit(engine_, keys_[i], {.wait_at_most = forever},
                        in_context([this](error_code, permit granted) {
                            if (granted.end()) ++done_;
                        }));
        asio::post(in_context([held = std::move(first)]() mutable { held.end(); }));
    }
};

/// A hop through the executor, an admission and its end.
class hop_and_admit final : public chain {
public:
    hop_and_admit() : chain{limits_for(2 * batch_size)} {}

private:
    void prepare() override { next(); }
    void next() {
        asio::post(in_context([this] {
            if (done_ + 1 < batch_) next();
            auto permit = engine_.try_admit(keys_[done_]);
            if (permit) ++done_;
        }));
    }
};

/// An admission by `async_admit` that does not wait, and its end.
class admit_at_once final : public chain {
public:
    admit_at_once() : chain{limits_for(2 * batch_size)} {}

private:
    void prepare() override { next(0); }
    void next(std::uint64_t user) {
        async_admit(engine_, keys_[user], {}, in_context([this](error_code, permit granted) {
                        if (granted && ++done_ < batch_) next(done_);
                    }));
    }
};

template <class Chain>
void add_chain(catalog& all, std::string work, std::string title) {
    all.rows.push_back({std::move(work), systems::admit, 1, std::move(title),
                        [] { return std::make_unique<Chain>(); }});
}

}  // namespace

void add_waiting(catalog& all) {
    add_chain<hop_and_end>(all, "hop-end", "a bare hop through the executor, and an end");
    add_chain<end_with_waiter>(all, "hand-over", "an end that hands its slot to a waiter");
    add_chain<hop_and_admit>(all, "hop-admit", "a bare hop, an admission by key, and its end");
    add_chain<admit_at_once>(all, "admit-at-once", "async_admit that need not wait, and the end");
    all.targets.push_back(
        {"handing a slot to a waiter", "hand-over/admit/1", 2.0, "hop-end/admit/1"});
    all.targets.push_back(
        {"async_admit that need not wait", "admit-at-once/admit/1", 1.2, "hop-admit/admit/1"});
}

}  // namespace admit::bench
