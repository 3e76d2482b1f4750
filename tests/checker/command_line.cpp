#include "checker/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace admit::model {

namespace {

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
            throw std::invalid_argument{std::string{option} + " needs a number"};
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
    const reader from{argc, argv};
    command_line made;
    made.replay = from.text("--replay", "ADMIT_MODEL_REPLAY").value_or("");
    if (const auto bound = from.number("--bound", "ADMIT_MODEL_BOUND")) {
        made.bound = static_cast<unsigned>(std::min<std::uint64_t>(*bound, unlimited));
    }
    made.executions = from.number("--executions", "ADMIT_MODEL_EXECUTIONS");
    made.random = from.number("--random", "ADMIT_MODEL_RANDOM");
    made.random_seed = from.number("--random-seed", "ADMIT_MODEL_RANDOM_SEED");
    made.deep = from.flag("--deep", "ADMIT_MODEL_DEEP");
    return made;
}

options command_line::apply(options to) const {
    if (deep) {
        to.preemptions = std::min(to.preemptions + 1, unlimited);
        to.stale_reads = std::min(to.stale_reads + 1, unlimited);
        to.spurious_failures = std::min(to.spurious_failures + 1, unlimited);
        to.executions *= deep_factor;
        to.random_executions = std::max(to.random_executions, deep_random);
    }
    to.preemptions = bound.value_or(to.preemptions);
    to.executions = executions.value_or(to.executions);
    to.random_executions = random.value_or(to.random_executions);
    to.random_seed = random_seed.value_or(to.random_seed);
    return to;
}

command_line& arguments() {
    static command_line of_process;
    return of_process;
}

}  // namespace admit::model
