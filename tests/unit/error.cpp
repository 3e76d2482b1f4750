// SPDX-License-Identifier: BSL-1.0
#include <admit/error.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>
#include <set>
#include <string>
#include <system_error>

#include "support/printing.hpp"

using admit::errc;

namespace {

constexpr errc all_reasons[] = {errc::shutting_down, errc::global_limit, errc::invalid_user_id,
                                errc::user_limit,    errc::queue_full,   errc::user_queue_full,
                                errc::wait_timeout};

}  // namespace

TEST_CASE("reasons are error codes of the category admit") {
    CHECK(std::string{admit::error_category().name()} == "admit");
    for (const errc reason : all_reasons) {
        const boost::system::error_code code = reason;
        CAPTURE(code);
        CHECK(code);
        CHECK(code.category() == admit::error_category());
        CHECK(code.value() == static_cast<int>(reason));
        CHECK(code == reason);
    }
}

TEST_CASE("every reason is an error and differs from the others") {
    for (const errc a : all_reasons)
        for (const errc b : all_reasons) CHECK((make_error_code(a) == b) == (a == b));
    CHECK(boost::system::error_code{} != errc::shutting_down);
}

TEST_CASE("every reason has a message of its own") {
    std::set<std::string> messages;
    for (const errc reason : all_reasons) messages.insert(make_error_code(reason).message());
    CHECK(messages.size() == std::size(all_reasons));
    CHECK(messages.count("") == 0);
    CHECK(make_error_code(errc::user_limit).message().find("user") != std::string::npos);
}

TEST_CASE("the messages name what is full, reached or wrong") {
    const auto message = [](errc reason) { return make_error_code(reason).message(); };
    CHECK(message(errc::shutting_down) == "the engine is shutting down");
    CHECK(message(errc::global_limit) == "the limit on all conversations is reached");
    CHECK(message(errc::invalid_user_id) ==
          "the user id is not 1 to 255 bytes long, or its key is of another engine");
    CHECK(message(errc::user_limit) == "this user's limit on conversations is reached");
    CHECK(message(errc::queue_full) == "the waiting queue is full");
    CHECK(message(errc::user_queue_full) == "this user's waiting queue is full");
    CHECK(message(errc::wait_timeout) == "no free slot within the time that the request may wait");
}

TEST_CASE("an unknown value has a message that shows it") {
    CHECK(admit::error_category().message(1234).find("1234") != std::string::npos);
    CHECK(admit::error_category().message(0) != admit::error_category().message(1));
}

TEST_CASE("a reason survives as a std::error_code") {
    const boost::system::error_code code = errc::global_limit;
    const std::error_code standard = code;
    CHECK(standard.value() == code.value());
    CHECK(std::string{standard.category().name()} == "admit");
    CHECK(standard.message() == code.message());
    CHECK(boost::system::error_code{standard} == code);
}

TEST_CASE("a result that holds a reason throws it as a system_error") {
    const boost::system::result<int> rejected = errc::user_limit;
    CHECK_FALSE(rejected);
    try {
        static_cast<void>(rejected.value());
        FAIL("no exception");
    } catch (const boost::system::system_error& error) {
        CHECK(error.code() == errc::user_limit);
    }
}
