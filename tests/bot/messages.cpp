// SPDX-License-Identifier: BSL-1.0
// Lines of IRC: what strangers may send, and what must never be sent.
#include <doctest/doctest.h>

#include <random>

#include "bot/irc_message.hpp"

using namespace admit::bot;

TEST_CASE("a line of a user is read into its parts") {
    const auto line = parse("@time=1;account=ann :alice!~a@host PRIVMSG #work :!work 3s :-)");
    REQUIRE(line);
    CHECK(line->nick == "alice");
    CHECK(line->address == "~a@host");
    CHECK(line->account == "ann");
    CHECK(line->command == "PRIVMSG");
    CHECK(line->params == std::vector<std::string>{"#work", "!work 3s :-)"});
    CHECK(line->mask() == "alice!~a@host");
    CHECK(line->param(7).empty());
}

TEST_CASE("lines of servers, and lines at the edge, are read") {
    CHECK(parse(":irc.example 001 bot :Welcome")->nick == "irc.example");
    CHECK(parse(":irc.example 001 bot :Welcome")->address.empty());
    CHECK(parse("ping :x\r")->command == "PING");
    CHECK(parse("PING x\r")->param(0) == "x");
    CHECK(parse("JOIN   #a   b ")->params == std::vector<std::string>{"#a", "b"});
    CHECK(parse("TOPIC #a :")->params == std::vector<std::string>{"#a", ""});
    CHECK(parse("A 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17")->params.size() == 15);
    for (const char* none : {"", " ", ":", ":a", ":a!b@c", "@x", "@x :a", "\r", ":a "})
        CHECK_FALSE(parse(none));
}

TEST_CASE("no bytes of a stranger break the reader") {
    std::mt19937 random{1};
    const std::string_view bytes{" :@!;=\r\n\0abc\xff\xc3", 15};
    for (int round = 0; round < 20'000; ++round) {
        std::string line;
        for (auto length = random() % 40; length > 0; --length)
            line.push_back(bytes[random() % bytes.size()]);
        if (const auto read = parse(line)) {
            CHECK_FALSE(read->command.empty());
            for (const std::string& one : read->params)
                CHECK(one.find_first_of(std::string_view{"\r\n\0", 3}) == one.npos);
        }
    }
}

TEST_CASE("a text cannot end its line or begin another one") {
    const std::string text{"a\r\nQUIT :b\0c", 12};
    CHECK(make_line("NOTICE", {"alice"}, text) == "NOTICE alice :aQUIT :bc");
    CHECK(make_line("NOTICE", {"alice\r\nQUIT"}, "x") == "NOTICE aliceQUIT :x");
    CHECK(make_line("NICK", {"a b"}) == "NICK a");
}

TEST_CASE("a line is cut to 512 bytes, at a border of UTF-8") {
    const std::string long_text(1000, 'x');
    CHECK(make_line("NOTICE", {"alice"}, long_text).size() == max_line - 2);
    CHECK(make_line("NOTICE", {"alice"}, long_text, prefix_room).size() ==
          max_line - 2 - prefix_room);
    CHECK(cut("a\xc3\xa4", 2) == "a");
    CHECK(cut("a\xc3\xa4", 3) == "a\xc3\xa4");
    CHECK(cut("\xf0\x9f\x98\x80", 3).empty());
    CHECK(cut("x\xf0\x9f\x98\x80", 4) == "x");
    CHECK(cut("\x80\x80\x80\x80\x80\x80", 5) == "\x80\x80\x80\x80\x80");  // no UTF-8 at all
    CHECK(cut("", 0).empty());
}

TEST_CASE("nicks compare as the server compares them") {
    CHECK(fold("Al[ice]~", casemap::rfc1459) == "al{ice}^");
    CHECK(fold("Al[ice]~", casemap::strict_rfc1459) == "al{ice}~");
    CHECK(fold("Al[ice]~", casemap::ascii) == "al[ice]~");
}

TEST_CASE("a question for nicks is never cut") {
    const std::vector<std::string> longest(20, std::string(30, 'n'));
    const std::size_t count = fitting(longest);
    CHECK(count > 5);
    CHECK(count < 20);
    std::string all;
    for (std::size_t n = 0; n < count; ++n) all += longest[n] + ' ';
    CHECK(make_line("ISON", {}, all).ends_with(all));
    CHECK(fitting({"alice", "bob"}) == 2);
    CHECK(fitting({}) == 0);
}
