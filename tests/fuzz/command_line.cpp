// SPDX-License-Identifier: BSL-1.0
// Fuzzes command lines of admit-load, words separated by NUL. A command line is accepted within the
// ranges of the help, or refused with a message.
#include <string>
#include <vector>

#include "common/option_values.hpp"
#include "fuzz/input.hpp"
#include "load/command_line.hpp"
#include "load/runner.hpp"

namespace {

using namespace admit::load;
using fuzz::require;

void check_accepted(const command& parsed) {
    const settings& wanted = parsed.wanted;
    const auto in_range = [](const std::optional<std::size_t>& number, std::size_t max) {
        return !number || (*number >= 1 && *number <= max);
    };
    require(in_range(wanted.users, max_users), "--users is in its range");
    require(in_range(wanted.threads, max_threads), "--threads is in its range");
    require(in_range(wanted.max_concurrent, admit::limits::most_concurrent), "--max-concurrent");
    require(!wanted.duration || wanted.duration->count() > 0, "--duration is positive");
    if (parsed.task == command::action::help) require(!parsed.help.empty(), "help says something");
    if (parsed.task == command::action::run)
        require(!plan_runs(wanted).empty(), "an accepted command line can be run");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in{data, size};
    std::vector<std::string> words;
    while (!in.empty()) words.push_back(in.word());
    std::vector<const char*> argv{"admit-load"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    try {
        check_accepted(parse_command_line(static_cast<int>(argv.size()), argv.data()));
    } catch (const admit::tools::usage_error& error) {
        require(std::string_view{error.what()}.size() > 5, "a refusal says why");
    }
    return 0;
}
