// SPDX-License-Identifier: BSL-1.0
#include "load/file/scaled.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace admit::load {
namespace {

double highest_rate(const file_arrival& arrival) {
    double highest = arrival.rate_per_s;
    for (const rate_stage& stage : arrival.stages) highest = std::max(highest, stage.rate_per_s);
    return highest;
}

}  // namespace

scenario_file scaled(scenario_file file, double factor) {
    if (file.arrival.open()) {
        file.arrival.rate_per_s *= factor;
        for (rate_stage& stage : file.arrival.stages) stage.rate_per_s *= factor;
        return file;
    }
    for (user_kind& kind : file.users) {
        const double count = std::round(static_cast<double>(kind.count) * factor);
        kind.count = static_cast<std::size_t>(std::max(1.0, count));
    }
    return file;
}

std::string load_of(const scenario_file& file) {
    if (file.arrival.open()) {
        return fmt::format("{:.4g} starts a second", highest_rate(file.arrival));
    }
    return fmt::format("{} users", file.distinct_users());
}

}  // namespace admit::load
