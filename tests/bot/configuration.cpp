// SPDX-License-Identifier: BSL-1.0
// Configurations: what is read, and what each refusal names.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdio>
#include <fstream>

#include "bot/config.hpp"
#include "bot/durations.hpp"
#include "common/option_values.hpp"

using namespace admit::bot;

namespace {

struct file {
    explicit file(std::string_view text) {
        char name[] = "/tmp/admit-config-XXXXXX";
        const int descriptor = mkstemp(name);
        REQUIRE(descriptor >= 0);
        path = name;
        std::ofstream{path} << text;
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() { std::remove(path.c_str()); }

    std::string path;
};

config read(std::string_view text) { return read_config(file{text}.path); }

std::string refusal(std::string_view text) {
    const file given{text};
    try {
        read_config(given.path);
    } catch (const admit::tools::usage_error& refused) {
        const std::string said = refused.what();
        CHECK(said.starts_with(given.path));
        return said.substr(given.path.size());
    }
    return "not refused";
}

}  // namespace

TEST_CASE("an empty file has the defaults") {
    const config empty = read("");
    CHECK(empty.host == "127.0.0.1");
    CHECK(empty.port == 6667);
    CHECK(empty.limits.max_concurrent == 20);
    CHECK(empty.metrics_address.empty());
}

TEST_CASE("each kind of value is read") {
    const config all = read(R"(
[server]
host = "irc.example"
tls = true
channels = ["#a", "&b"]
control_channel = "#ops"
[limits]
max_concurrent = 0
idle_timeout = "90s"
[limits.of]
"~a@host" = 10
[talk]
wait_at_most = "0s"
[sending]
lines_per_second = 0.5
[metrics]
address = "[::1]:9464"
)");
    CHECK(all.port == 6697);
    CHECK(all.channels == std::vector<std::string>{"#a", "&b", "#ops"});
    CHECK(all.limits.max_concurrent == 0);
    CHECK(all.limits.idle_timeout == 90s);
    CHECK(all.own_limits.at("~a@host") == 10);
    CHECK(all.wait_at_most == 0s);
    CHECK(all.lines_per_second == 0.5);
}

TEST_CASE("a refusal names file, line, key, value and what is allowed") {
    CHECK(refusal("[server]\nport = 70000\n") ==
          ":2: server.port = 70000: not allowed; allowed: a whole number from 1 to 65535");
    CHECK(refusal("[server]\nport = -1\n").find("port = -1: not allowed") != std::string::npos);
    CHECK(refusal("[limits]\nmax_duration = \"5 minutes\"\n") ==
          ":2: limits.max_duration = \"5 minutes\": not allowed; allowed: a time such as \"30s\", "
          "from \"1s\" to \"24h\"");
    CHECK(refusal("[limits]\nidle_timeout = 60\n").find("idle_timeout = 60: not") !=
          std::string::npos);
    CHECK(refusal("[limits.of]\nalice = \"ten\"\n") ==
          ":2: limits.of.alice = \"ten\": not allowed; allowed: a whole number from 0 to 2000000");
    CHECK(refusal("[sending]\nburst = 0.5\n").find("a number from 1 to 1000") != std::string::npos);
    CHECK(refusal("[server]\ntls = \"yes\"\n").find("allowed: true or false") != std::string::npos);
    CHECK(refusal("[server]\nnick = \"a b\"\n").find("nick = \"a b\"") != std::string::npos);
    CHECK(refusal("[server]\nchannels = \"#a\"\n").find("allowed: names of channels") !=
          std::string::npos);
    CHECK(refusal("[server]\nchannels = [\"a\"]\n").find("channels = \"a\"") != std::string::npos);
    CHECK(refusal("[server]\ncontrol_channel = \"#a,#b\"\n").find("control_channel") !=
          std::string::npos);
    CHECK(refusal("[metrics]\naddress = \"9464\"\n").find("ADDRESS:PORT") != std::string::npos);
    CHECK(refusal("server = 1\n") == ":1: server = 1: not allowed; allowed: a table");
    CHECK(refusal("[server\n").find(":1: no TOML") == 0);
    CHECK(refusal("[server]\nreconnect_min = \"10s\"\nreconnect_max = \"5s\"\n")
              .find("from \"10s\"") != std::string::npos);
}

TEST_CASE("a key that is not known is named, with the one that was meant") {
    CHECK(refusal("[limits]\nmax_concurent = 5\n") ==
          ":2: limits.max_concurent: no such key; did you mean max_concurrent?");
    CHECK(refusal("[limit]\n") == ":1: limit: no such key; did you mean limits?");
}

TEST_CASE("a value of a stranger's file does not reach the terminal as it is") {
    CHECK(refusal("[server]\nnick = \"\\u001b[31m\"\n").find('\x1b') == std::string::npos);
}

TEST_CASE("secrets come from a file or the environment, and no message has them") {
    const file secret{"hunter2\nsecond line\n"};
    CHECK(read("[operators]\npassword_file = \"" + secret.path + "\"\n").operator_password ==
          "hunter2");
    REQUIRE(setenv("ADMIT_TEST_SECRET", "from the environment", 1) == 0);
    CHECK(read("[server]\npassword_env = \"ADMIT_TEST_SECRET\"\n").password ==
          "from the environment");
    CHECK(refusal("[server]\npassword_env = \"ADMIT_TEST_NONE\"\n") ==
          ":2: server.password_env = \"ADMIT_TEST_NONE\": not allowed; allowed: a variable that is "
          "set");
    CHECK(refusal("[operators]\npassword_file = \"/nonexistent\"\n").find("a file that can be") !=
          std::string::npos);
    CHECK(refusal("[operators]\npassword = \"hunter2\"\n").find("hunter2") == std::string::npos);
}

TEST_CASE("a file that is not there is named") {
    CHECK_THROWS_WITH_AS(read_config("/nonexistent.toml"),
                         "/nonexistent.toml: cannot be read; allowed: a file of TOML",
                         admit::tools::usage_error);
}

TEST_CASE("times are whole numbers with a unit") {
    CHECK(read_duration("3s") == 3s);
    CHECK(read_duration("1500ms") == 1500ms);
    CHECK(read_duration("2m") == 2min);
    CHECK(read_duration("8760h") == 8760h);
    for (const char* wrong : {"", "s", "3", "3 s", "-3s", "+3s", "3.5s", "0x3s", "3sec", "8761h",
                              "999999999h", "9999999999s", "99999999999999999999s"})
        CHECK_FALSE(read_duration(wrong));
    CHECK(show(1500ms) == "1.5s");
    CHECK(show(90min) == "1.5h");
    CHECK(show(2min) == "2m");
    CHECK(show(0s) == "0s");
    CHECK(show(admit::never) == "for ever");
}
