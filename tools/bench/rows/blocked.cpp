// SPDX-License-Identifier: BSL-1.0
// Curves: the cost of calls against the number of requests that wait meanwhile. An end that serves
// one request, a cancelled wait, and a `set_limits` that changes nothing should not notice them.
#include <admit/async.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include "bench/rows/rows.hpp"
#include "bench/users.hpp"

namespace admit::bench {
namespace {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

/// An engine with a number of requests that wait until the engine goes, and a guest's conversation.
class crowd {
public:
    enum class kept_out { by_their_users, by_full_engine };

    /// Every user may have one conversation. In the first case the requests are the second ones of
    /// their users; in the second they lack a slot alone.
    crowd(std::size_t number, kept_out how)
        : limits{.max_concurrent = how == kept_out::by_their_users ? number + 1 : 1,
                 .max_per_user = 1,
                 .max_waiting = number + 1,
                 .max_waiting_per_user = 2},
          engine{limits},
          guest{*engine.try_admit("guest")} {
        for (std::uint64_t i = 0; i < number; ++i) {
            const user_id user{first_occupying_user + i};
            if (how == kept_out::by_their_users) held_.push_back(*engine.try_admit(user.view()));
            wait(user.view(), [](error_code, permit) {});
        }
    }

    template <class Handler>
    void wait(std::string_view user, Handler handler) {
        async_admit(engine, user, {.wait_at_most = forever},
                    asio::bind_executor(context_, std::move(handler)));
    }

    void poll() {
        context_.restart();
        context_.poll();
    }

    admit::limits limits;
    admit::engine engine;
    permit guest;

private:
    std::vector<permit> held_;
    asio::io_context context_{1};  // goes first, so that what waits is abandoned
};

/// The guest's conversation ends, and serves the one request that lacks a slot alone.
std::unique_ptr<workload> end_and_serve(std::size_t number) {
    const auto all = std::make_shared<crowd>(number, crowd::kept_out::by_their_users);
    return loop_of(1, [&](unsigned) {
        return [all, turn = std::uint64_t{0}]() mutable {
            permit next;
            all->wait(user_id{++turn & 1}.view(),
                      [&next](error_code, permit granted) { next = std::move(granted); });
            all->guest.end();
            all->poll();
            all->guest = std::move(next);
            return static_cast<bool>(all->guest);
        };
    });
}

std::unique_ptr<workload> cancel_wait(std::size_t number) {
    const auto all = std::make_shared<crowd>(number, crowd::kept_out::by_full_engine);
    return loop_of(1, [&](unsigned) {
        return [all] {
            asio::cancellation_signal signal;
            error_code reason;
            all->wait("visitor", asio::bind_cancellation_slot(
                                     signal.slot(), [&](error_code how, permit) { reason = how; }));
            signal.emit(asio::cancellation_type::terminal);
            all->poll();
            return reason == asio::error::operation_aborted;
        };
    });
}

std::unique_ptr<workload> set_same_limits(std::size_t number) {
    const auto all = std::make_shared<crowd>(number, crowd::kept_out::by_full_engine);
    return loop_of(1, [&](unsigned) {
        return [all] {
            all->engine.set_limits(all->limits);
            return true;
        };
    });
}

/// The targets are those of the growth: the highest cost against the lowest.
void add_curve(catalog& all, bool quick, std::string name, std::string title,
               std::unique_ptr<workload> (*make)(std::size_t)) {
    curve shape{.name = std::move(name),
                .title = std::move(title),
                .x_label = "requests that wait",
                .logarithmic = true,
                .at = {1, 10, 100, 1'000, 10'000}};
    if (!quick) shape.at.push_back(100'000);
    curve::series line{systems::admit, {}};
    for (const double x : shape.at)
        line.points.push_back({shape.name + ":" + std::to_string(static_cast<std::size_t>(x)),
                               systems::admit, 1, shape.title,
                               [=] { return make(static_cast<std::size_t>(x)); }});
    shape.lines.push_back(std::move(line));
    all.targets.push_back({"growth: " + shape.title, shape.growth(), 1.2, ""});
    all.curves.push_back(std::move(shape));
}

}  // namespace

void add_blocked(catalog& all, const extent& size) {
    add_curve(all, size.quick, "blocked-end",
              "a wait and the end that serves it, while others are blocked by their users",
              end_and_serve);
    add_curve(all, size.quick, "waiting-cancel", "a wait and its cancellation, while others wait",
              cancel_wait);
    add_curve(all, size.quick, "waiting-limits",
              "set_limits that changes nothing, while others wait", set_same_limits);
}

}  // namespace admit::bench
