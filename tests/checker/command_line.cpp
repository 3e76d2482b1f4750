// SPDX-License-Identifier: BSL-1.0
#include "checker/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace admit::model {

namespace {

/// Finds options on the command line and, if they are not there, in the environment.
class reader {
public:
    reader(int argc, const char* const* argv) : argc_(argc), argv_(argv) {}

    [[nodiscard]] bool flag(std::string_view option, const char* variable) const {
        return std::find(argv_, argv_ + argc_, option) != argv_ + argc_ ||
               std::getenv(variable) != nullptr;
    }

    [[nodiscard]] std::optional<std::string> text(std::string_view option,
                                                  const char* variable) const {
        for (int i = 1; i + 1 < argc_; ++i) {
            if (argv_[i] == option) {
                return argv_[i + 1];
            }
        }
        const char* const value = std::getenv(variable);
        return value == nullptr ? std::nullopt : std::optional<std::string>{value};
    }

    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view option,
                                                      const char* variable) const {
        const auto value = text(option, variable);
        if (!value) {
            return std::nullopt;
        }
        std::uint64_t parsed = 0;
        const char* const end = value->data() + value->size();
        const auto [stop, error] = std::from_chars(value->data(), end, parsed);
        if (error != std::errc{} || stop != end) {
            throw std::invalid_argument{std::string{option} + ": \"" + *value +
                                        "\" is no whole number from 0 on"};
        }
        return parsed;
    }

private:
    int argc_;
    const char* const* argv_;
};

constexpr std::uint64_t deep_factor = 50;
constexpr std::uint64_t deep_random = 200'000;

}  // namespace

command_line command_line::parse(int argc, const char* const* argv) {
    const reader given{argc, argv};
    command_line parsed;
    parsed.replay = given.text("--replay", "ADMIT_MODEL_REPLAY").value_or("");
    if (const auto bound = given.number("--bound", "ADMIT_MODEL_BOUND")) {
        parsed.bound = static_cast<unsigned>(std::min<std::uint64_t>(*bound, unlimited));
    }
    parsed.executions = given.number("--executions", "ADMIT_MODEL_EXECUTIONS");
    parsed.random = given.number("--random", "ADMIT_MODEL_RANDOM");
    parsed.random_seed = given.number("--random-seed", "ADMIT_MODEL_RANDOM_SEED");
    parsed.deep = given.flag("--deep", "ADMIT_MODEL_DEEP");
    return parsed;
}

options command_line::apply(options config) const {
    if (deep) {
        config.preemptions = std::min(config.preemptions + 1, unlimited);
        config.stale_reads = std::min(config.stale_reads + 1, unlimited);
        config.spurious_failures = std::min(config.spurious_failures + 1, unlimited);
        config.executions *= deep_factor;
        config.random_executions = std::max(config.random_executions, deep_random);
    }
    config.preemptions = bound.value_or(config.preemptions);
    config.executions = executions.value_or(config.executions);
    config.random_executions = random.value_or(config.random_executions);
    config.random_seed = random_seed.value_or(config.random_seed);
    return config;
}

command_line& arguments() {
    static command_line of_process;
    return of_process;
}

}  // namespace admit::model
