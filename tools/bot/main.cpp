// SPDX-License-Identifier: BSL-1.0
// admit-ircbot: an IRC bot that embeds the engine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "bot/bot.hpp"
#include "common/build_info.hpp"
#include "common/exit_codes.hpp"
#include "common/option_values.hpp"
#include "common/output.hpp"

namespace admit::bot {
namespace {

using tools::write_out;

tools::exit_code perform(int argc, char** argv) {
    CLI::App app{
        "An IRC bot that embeds the engine of admit. docs/guide/bot.md has its commands\n"
        "and the keys of its configuration.\n"
        "Signals: SIGTERM and Ctrl-C drain, a second one ends at once; SIGHUP reads the\n"
        "limits again.\n"
        "Exit codes: 0 fine, 2 bad usage or configuration, 3 the bot could not start,\n"
        "130 the drain was cut off.",
        "admit-ircbot"};
    std::string file;
    bool check = false, version = false;
    app.add_option("FILE", file, "the configuration, a file of TOML");
    app.add_flag("--check-config", check,
                 "read the configuration, say whether it is good, and end");
    app.add_flag("--version", version, "print the version and end");
    if (const auto text = tools::parse(app, argc, argv)) {
        write_out(*text);
        return tools::succeeded;
    }
    if (version) {
        write_out(fmt::format("admit-ircbot {} ({} TLS, {} metrics)\n", tools::tool_version,
                              tls_built_in ? "with" : "without",
                              metrics_built_in() ? "with" : "without"));
        return tools::succeeded;
    }
    if (file.empty())
        throw tools::usage_error("FILE is missing: the configuration, a file of TOML");
    const config settings = read_config(file);
    if (settings.tls && !tls_built_in)
        throw tools::usage_error(file + ": server.tls = true: this bot was built without TLS");
    if (!settings.metrics_address.empty() && !metrics_built_in())
        throw tools::usage_error(file + ": metrics.address: this bot was built without metrics");
    if (check) {
        write_out(fmt::format("{} is good\n", file));
        return tools::succeeded;
    }
    irc_bot bot{settings, file};
    return bot.run() ? tools::succeeded : tools::interrupted;
}

}  // namespace
}  // namespace admit::bot

int main(int argc, char** argv) {
    return admit::tools::run_tool("admit-ircbot",
                                  [&](bool) { return admit::bot::perform(argc, argv); });
}
