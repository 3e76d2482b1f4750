// SPDX-License-Identifier: BSL-1.0
// Every completion token with every outcome of `async_admit`.
#include "tokens.hpp"

#include <chrono>

using admit::errc;
using support::check_at_rest;
using tokens::rig;
using tokens::tells;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// `async_admit` for the user alice, with that time to wait.
struct admitting {
    using value = admit::permit;
    rig* at;
    admit::duration at_most;

    template <class... Token>
    auto operator()(Token&&... token) const {
        return admit::async_admit(at->engine, "alice", {.wait_at_most = at_most},
                                  std::forward<Token>(token)...);
    }
};

template <class Way>
void check_granted(rig& at) {
    CHECK(at.engine.stats().admitted == at.engine.stats().ended.total() + (tells<Way> ? 1 : 0));
    if (tells<Way>) {
        CHECK(at.times == 1);
        CHECK_FALSE(at.error);
        CHECK(at.granted.touch());
        CHECK(at.engine.active_count("alice") == 1);
        at.granted = {};
    }
    check_at_rest(at.engine);
}

template <class Way>
void check_refused(rig& at, boost::system::error_code why) {
    if (tells<Way>) {
        CHECK(at.times == 1);
        CHECK(at.error == why);
        CHECK_FALSE(at.thrown);
        CHECK_FALSE(at.granted);
    }
    CHECK(at.engine.active_count("alice") == 0);
    CHECK(at.engine.stats().waiting == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("an admission is granted at once", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    rig at;
    way::start(at, admitting{&at, 0s});
    CHECK(at.times == 0);  // not completed inside the initiating function
    at.finish();
    check_granted<way>(at);
}

TEST_CASE_TEMPLATE("an admission is granted later", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    for (const admit::duration patience : {admit::duration{1h}, admit::forever}) {
        rig at;
        admit::permit held = at.engine.try_admit("bob").value();
        way::start(at, admitting{&at, patience});
        at.poll();
        CHECK(at.times == 0);
        CHECK(at.engine.stats().waiting == 1);
        held.end();
        CHECK(at.times == 0);  // not completed inside `end`
        at.finish();
        check_granted<way>(at);
    }
}

TEST_CASE_TEMPLATE("an admission is rejected", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    rig at;
    const admit::permit held = at.engine.try_admit("bob").value();
    way::start(at, admitting{&at, 0s});
    CHECK(at.times == 0);
    at.finish();
    check_refused<way>(at, errc::global_limit);
    CHECK(at.engine.stats().rejected.global_limit == 1);
}

TEST_CASE_TEMPLATE("an admission times out", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    rig at;
    const admit::permit held = at.engine.try_admit("bob").value();
    way::start(at, admitting{&at, 1ms});
    CHECK(at.times == 0);
    at.finish();
    check_refused<way>(at, errc::wait_timeout);
    CHECK(at.engine.stats().rejected.wait_timeout == 1);
}

TEST_CASE_TEMPLATE("an admission is cancelled", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    for (const admit::duration patience : {admit::duration{1h}, admit::forever}) {
        rig at;
        admit::permit held = at.engine.try_admit("bob").value();
        way::start(at, admitting{&at, patience});
        at.poll();
        CHECK(at.engine.stats().waiting == 1);
        at.cancelling.emit(asio::cancellation_type::terminal);
        at.finish();
        check_refused<way>(at, asio::error::operation_aborted);
        CHECK(at.engine.stats().rejected.total() == 0);
        held.end();
        check_at_rest(at.engine);
    }
}
