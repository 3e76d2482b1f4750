// SPDX-License-Identifier: BSL-1.0
#include "bot/log.hpp"

#include <fmt/chrono.h>

#include "common/output.hpp"

namespace admit::bot {

log::log(const std::string& path) : out_{&std::cout} {
    if (path == "-") return;
    file_.open(path, std::ios::app);
    if (!file_) throw tools::output_error("the log file " + path + " cannot be written");
    out_ = &file_;
}

void log::write(std::string_view event, nlohmann::ordered_json fields) {
    using std::chrono::milliseconds;
    const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    const auto fraction = now.time_since_epoch().count() % 1000;
    nlohmann::ordered_json line;
    line["time"] = fmt::format("{:%FT%T}.{:03}Z",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(now)), fraction);
    line["event"] = event;
    if (!fields.is_null()) line.update(fields);
    // Nicks and addresses come from strangers: bytes that are no UTF-8 are replaced.
    *out_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

}  // namespace admit::bot
