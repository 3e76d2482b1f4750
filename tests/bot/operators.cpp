// SPDX-License-Identifier: BSL-1.0
// Operators and addresses, as the server tells them: power never outlives its holder.
#include <doctest/doctest.h>

#include "bot/roster.hpp"

using namespace admit::bot;

namespace {

struct channel_of_operators {
    channel_of_operators() {
        members.reset("bot");
        hear(":irc 001 bot :Welcome");
        hear(
            ":irc 005 bot CASEMAPPING=ascii PREFIX=(qaohv)~&@%+ CHANMODES=beI,k,l,imnst :are here");
        hear(":bot!b@host JOIN #ops");
        hear(":irc 353 bot = #ops :bot @boss +vera %half ~owner &admin carl");
    }

    void hear(std::string_view line) { members.apply(parse(line).value()); }
    bool obeys(std::string_view nick) const { return members.is_operator("#ops", nick); }
    message from(std::string_view mask) const {
        return parse(":" + std::string{mask} + " PRIVMSG bot :x").value();
    }

    roster members;
};

}  // namespace

TEST_CASE_FIXTURE(channel_of_operators, "operators are those that the names show, and above") {
    for (const char* nick : {"boss", "BOSS", "owner", "admin"}) CHECK(obeys(nick));
    for (const char* nick : {"vera", "half", "carl", "bot", "stranger", ""})
        CHECK_FALSE(obeys(nick));
    CHECK_FALSE(members.is_operator("#other", "boss"));
    CHECK_FALSE(members.is_operator("", "boss"));
}

TEST_CASE_FIXTURE(channel_of_operators, "names of a channel that the bot is not in are ignored") {
    hear(":irc 353 bot = #other :@mallory");
    CHECK_FALSE(members.is_operator("#other", "mallory"));
    CHECK_FALSE(members.visible("mallory"));
}

TEST_CASE_FIXTURE(channel_of_operators, "all signs of a member count, not only its first") {
    hear(":irc 353 bot = #ops :%+both +@late");
    CHECK_FALSE(obeys("both"));
    CHECK(obeys("late"));
    hear(":boss!b@h MODE #ops -o late");
    CHECK_FALSE(obeys("late"));
}

TEST_CASE_FIXTURE(channel_of_operators, "a mode finds its parameter among others") {
    hear(":boss!b@h MODE #ops +bvl-k+o *!*@bad carl 10 key carl");
    CHECK(obeys("carl"));
    hear(":boss!b@h MODE #ops -l+v-o carl carl");  // -l has no parameter
    CHECK_FALSE(obeys("carl"));
    hear(":boss!b@h MODE #ops +o");
    hear(":boss!b@h MODE #ops +ooo carl");
    CHECK(obeys("carl"));
    hear(":boss!b@h MODE #ops +o stranger");
    CHECK_FALSE(obeys("stranger"));
    hear(":boss!b@h MODE #other -o carl");
    CHECK(obeys("carl"));
}

TEST_CASE_FIXTURE(channel_of_operators, "power is gone with its holder") {
    SUBCASE("quit, and the nick taken over") {
        hear(":boss!b@h QUIT :bye");
        CHECK_FALSE(obeys("boss"));  // it may speak in private alone
        CHECK_FALSE(members.visible("boss"));
        hear(":boss!evil@h JOIN #ops");
    }
    SUBCASE("a split, and the nick taken over") {
        hear(":boss!b@h QUIT :a.example b.example");
        CHECK_FALSE(obeys("boss"));  // it may speak in private alone
        CHECK_FALSE(members.visible("boss"));
        hear(":boss!evil@h JOIN #ops");
    }
    SUBCASE("part") {
        hear(":boss!b@h PART #ops :bye");
        CHECK_FALSE(obeys("boss"));
        hear(":boss!b@h JOIN #ops");
    }
    SUBCASE("kick") {
        hear(":owner!o@h KICK #ops boss :out");
        CHECK_FALSE(obeys("boss"));
        hear(":boss!b@h JOIN #ops");
    }
    SUBCASE("kill") {
        hear(":irc KILL boss :out");
        CHECK_FALSE(obeys("boss"));
        hear(":boss!b@h JOIN #ops");
    }
    SUBCASE("rename, and the nick taken over") {
        hear(":boss!b@h NICK :chief");
        CHECK_FALSE(obeys("chief"));  // until the server says so
        hear(":boss!evil@h JOIN #ops");
    }
    SUBCASE("the bot was kicked and comes back") {
        hear(":owner!o@h KICK #ops bot :out");
        CHECK_FALSE(members.in_channel("#ops"));
        CHECK_FALSE(obeys("owner"));
        hear(":bot!b@host JOIN #ops");
        hear(":irc 353 bot = #ops :bot boss");
    }
    SUBCASE("a new connection") { members.reset("bot"); }
    CHECK_FALSE(obeys("boss"));
}

TEST_CASE_FIXTURE(channel_of_operators, "a rename onto the nick of an operator has no power") {
    hear(":boss!b@h QUIT :bye");
    hear(":carl!c@h NICK boss");
    CHECK_FALSE(obeys("boss"));
    CHECK_FALSE(obeys("carl"));
}

TEST_CASE_FIXTURE(channel_of_operators, "nicks that only some servers hold for equal stay apart") {
    hear(":irc 353 bot = #ops :@x[y");
    CHECK(obeys("x[y"));
    CHECK_FALSE(obeys("x{y"));
    hear(":irc 005 bot CASEMAPPING=rfc1459 :are here");
    hear(":bot!b@host JOIN #ops");
    hear(":irc 353 bot = #ops :@x[y");
    CHECK(obeys("x{Y"));
}

TEST_CASE_FIXTURE(channel_of_operators, "by an unknown mapping no other nick has the same rights") {
    hear(":irc 005 bot CASEMAPPING=rfc7613 :are here");
    hear(":bot!b@host JOIN #ops");
    hear(":irc 353 bot = #ops :@x[y");
    CHECK(obeys("x[y"));
    CHECK_FALSE(obeys("x{y"));
}

TEST_CASE_FIXTURE(channel_of_operators, "a server without operators has none") {
    hear(":irc 005 bot PREFIX=(v)+ :are here");
    hear(":irc 353 bot = #ops :+vera");
    CHECK_FALSE(obeys("vera"));
}

TEST_CASE_FIXTURE(channel_of_operators, "a password holds for one nick!user@host until it goes") {
    members.authorise(from("carl!c@h"));
    CHECK(members.is_authorised(from("carl!c@h")));
    CHECK(members.is_authorised(from("CARL!c@h")) == false);  // not what was said then
    CHECK_FALSE(members.is_authorised(from("carl!evil@h")));
    SUBCASE("rename") { hear(":carl!c@h NICK other"); }
    SUBCASE("another user takes the nick") { hear(":vera!v@h NICK carl"); }
    SUBCASE("quit") { hear(":carl!c@h QUIT :bye"); }
    SUBCASE("part") { hear(":carl!c@h PART #ops"); }
    SUBCASE("kick") { hear(":boss!b@h KICK #ops carl"); }
    SUBCASE("the bot no longer sees it") { hear(":bot!b@host PART #ops"); }
    SUBCASE("a new connection") { members.reset("bot"); }
    CHECK_FALSE(members.is_authorised(from("carl!c@h")));
}

TEST_CASE_FIXTURE(channel_of_operators, "addresses are known by joins and WHO, and forgotten") {
    CHECK_FALSE(members.address_of("boss"));
    hear(":irc 352 bot #ops ~b host irc boss H :0 boss");
    CHECK(members.address_of("boss") == "~b@host");
    hear(":irc 352 bot #else ~m host irc mallory H :0 x");
    CHECK_FALSE(members.address_of("mallory"));
    hear(":new!n@h JOIN :#ops");
    CHECK(members.address_of("NEW") == "n@h");
    hear(":new!n@h NICK newer");
    CHECK(members.address_of("newer") == "n@h");
    CHECK_FALSE(members.address_of("new"));
    hear(":newer!n@h PART #ops");
    CHECK_FALSE(members.address_of("newer"));
}
