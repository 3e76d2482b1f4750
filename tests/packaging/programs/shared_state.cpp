// SPDX-License-Identifier: BSL-1.0
// A program and the shared library have one copy of Asio's static data: `dispatch` runs inline in a
// function that the library calls, and a context has each of its services once.
#include <admit/async.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// Private members of Asio are named in explicit instantiations, where access is not checked.
template <class Tag, auto Member>
struct reveal {
    friend constexpr auto member_of(Tag) { return Member; }
};
struct registry_tag {
    friend constexpr auto member_of(registry_tag);
};
struct first_tag {
    friend constexpr auto member_of(first_tag);
};
struct next_tag {
    friend constexpr auto member_of(next_tag);
};
template struct reveal<registry_tag, &asio::execution_context::service_registry_>;
template struct reveal<first_tag, &asio::detail::service_registry::first_service_>;
template struct reveal<next_tag, &asio::execution_context::service::next_>;

int failures = 0;

void expect(bool right, const char* what) {
    failures += !right;
    std::printf("%s %s\n", right ? "ok    " : "FAILED", what);
}

template <class Executor>
bool dispatches_inline(const Executor& executor) {
    bool called = false;
    asio::dispatch(executor, [&] { called = true; });
    return called;
}

bool each_service_once(asio::execution_context& context) {
    std::set<std::string> names;
    auto* registry = context.*member_of(registry_tag{});
    for (auto* service = registry->*member_of(first_tag{}); service != nullptr;
         service = service->*member_of(next_tag{}))
        if (!names.insert(typeid(*service).name()).second) {
            std::printf("twice: %s\n", typeid(*service).name());
            return false;
        }
    std::printf("%zu services\n", names.size());
    return names.size() > 2;
}

/// Strands of the program and of the library, and a timer of each, in one context.
void run_operations(asio::io_context& context, admit::engine& engine) {
    auto strand = asio::make_strand(context);
    asio::steady_timer timer{strand, 1ms};
    timer.async_wait([](auto) {});
    auto held = engine.try_admit("a");
    admit::async_admit(engine, "b", {.wait_at_most = 1h},
                       asio::bind_executor(strand, [&](auto, const admit::permit& permit) {
                           expect(permit.id() != admit::conversation_id{}, "admitted");
                           expect(strand.running_in_this_thread(), "on the program's strand");
                           expect(dispatches_inline(strand), "dispatch to it runs inline");
                           expect(dispatches_inline(context.get_executor()),
                                  "dispatch to the context runs inline");
                       }));
    asio::post(context, [&] { held->end(); });
    context.run();
    context.restart();
    auto body = [&](admit::permit&) -> asio::awaitable<void> {
        const asio::any_io_executor of_library = co_await asio::this_coro::executor;
        expect(dispatches_inline(of_library), "dispatch to the library's strand runs inline");
    };
    admit::async_with_permit(engine, "c", {.wait_at_most = 1h}, body,
                             asio::bind_executor(context, [](auto, const auto&) {}));
    context.run();
}

}  // namespace

int main() {
    asio::io_context context;
    admit::engine engine{{.max_concurrent = 1, .max_per_user = 1}};
    run_operations(context, engine);
    expect(engine.stats().ended.completed == 3, "three conversations");
    expect(each_service_once(context), "each service exists once");
    return failures == 0 ? 0 : 1;
}
