// What Asio's part costs: a slot handed to a waiter, and an admission that need not wait, beside
// the bare hop through the executor that both take. All on one thread, inside a running context.
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

/// A handler with its executor inside, as a coroutine's has. All rows use it: what a handler costs
/// by itself is on both sides of a comparison.
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

/// As many at a time as wait in a busy bot.
constexpr std::uint64_t at_a_time = 200;

/// Handlers that follow each other in one context; each stretch is prepared outside of the time
/// that is taken.
class chain : public workload {
public:
    explicit chain(const limits& allowed) : engine_{allowed} {
        for (std::uint64_t user = 0; user < at_a_time; ++user)
            keys_.push_back(engine_.key(user_id{user}.view()));
    }

    std::chrono::nanoseconds run(unsigned, std::uint64_t n) noexcept override {
        std::chrono::nanoseconds took{};
        for (; n > 0; n -= length_) {
            length_ = std::min(n, at_a_time);
            done_ = 0;
            prepare();
            const auto start = std::chrono::steady_clock::now();
            context_.restart();
            context_.run();
            took += std::chrono::steady_clock::now() - start;
            unexpected_ += length_ - std::min(done_, length_);
        }
        return took;
    }
    std::uint64_t unexpected() const noexcept override { return unexpected_; }

protected:
    /// Posts the first handler.
    virtual void prepare() = 0;

    template <class Function>
    handler<Function> here(Function function) {
        return {context_.get_executor(), std::move(function)};
    }

    engine engine_;
    asio::io_context context_{1};
    std::vector<user_key> keys_;
    std::uint64_t length_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t unexpected_ = 0;
};

limits room_for(std::size_t slots) { return {.max_concurrent = slots, .max_per_user = 1}; }

/// A hop, and the end of a conversation.
class hop_and_end final : public chain {
public:
    hop_and_end() : chain{room_for(2 * at_a_time)} {}

private:
    void prepare() override {
        held_.clear();
        for (std::uint64_t i = 0; i < length_; ++i) held_.push_back(*engine_.try_admit(keys_[i]));
        next();
    }
    void next() {
        asio::post(here([this] {
            if (done_ + 1 < length_) next();
            held_[done_++].end();
        }));
    }

    std::vector<permit> held_;
};

/// The end of a conversation, whose slot is handed to a waiter.
class hand_over final : public chain {
public:
    hand_over() : chain{room_for(1)} {}

private:
    void prepare() override {
        permit first = *engine_.try_admit("the first");
        for (std::uint64_t i = 0; i < length_; ++i)
            async_admit(engine_, keys_[i], {.wait_at_most = forever},
                        here([this](error_code, permit granted) {
                            if (granted.end()) ++done_;
                        }));
        asio::post(here([held = std::move(first)]() mutable { held.end(); }));
    }
};

/// A hop, an admission and its end.
class hop_and_admit final : public chain {
public:
    hop_and_admit() : chain{room_for(2 * at_a_time)} {}

private:
    void prepare() override { next(); }
    void next() {
        asio::post(here([this] {
            if (done_ + 1 < length_) next();
            auto permit = engine_.try_admit(keys_[done_]);
            if (permit) ++done_;
        }));
    }
};

/// An admission by `async_admit` that need not wait, and its end.
class admit_at_once final : public chain {
public:
    admit_at_once() : chain{room_for(2 * at_a_time)} {}

private:
    void prepare() override { next(0); }
    void next(std::uint64_t user) {
        async_admit(engine_, keys_[user], {}, here([this](error_code, permit granted) {
                        if (granted && ++done_ < length_) next(done_);
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
    add_chain<hand_over>(all, "hand-over", "an end that hands its slot to a waiter");
    add_chain<hop_and_admit>(all, "hop-admit", "a bare hop, an admission by key, and its end");
    add_chain<admit_at_once>(all, "admit-at-once", "async_admit that need not wait, and the end");
    all.targets.push_back(
        {"handing a slot to a waiter", "hand-over/admit/1", 1.5, "hop-end/admit/1"});
    all.targets.push_back(
        {"async_admit that need not wait", "admit-at-once/admit/1", 1.2, "hop-admit/admit/1"});
}

}  // namespace admit::bench
