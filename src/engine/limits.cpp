#include "engine/limits.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace admit {

namespace {

void check_count(std::string_view field, std::size_t value, std::size_t least, std::size_t most) {
    if (value >= least && value <= most) return;
    throw std::invalid_argument{std::string{"admit::limits::"}
                                    .append(field)
                                    .append(" is ")
                                    .append(std::to_string(value))
                                    .append("; allowed is ")
                                    .append(std::to_string(least))
                                    .append(" to ")
                                    .append(std::to_string(most))};
}

void check_timeout(std::string_view field, duration value) {
    if (value > duration::zero()) return;
    throw std::invalid_argument{std::string{"admit::limits::"}
                                    .append(field)
                                    .append(" is ")
                                    .append(std::to_string(value.count()))
                                    .append(" ns; allowed is more than 0 ns, up to admit::never")};
}

}  // namespace

void check(const limits& limits) {
    check_count("max_concurrent", limits.max_concurrent, 1, limits::most_concurrent);
    check_count("max_per_user", limits.max_per_user, 1, limits.max_concurrent);
    check_count("max_waiting", limits.max_waiting, 0, limits::most_waiting);
    check_count("max_waiting_per_user", limits.max_waiting_per_user, 0, limits::most_waiting);
    check_timeout("idle_timeout", limits.idle_timeout);
    check_timeout("max_duration", limits.max_duration);
}

}  // namespace admit
