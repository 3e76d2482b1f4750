// SPDX-License-Identifier: BSL-1.0
// JSON lines of what was decided, one object a line. Written by bot.cpp, conversations.cpp and
// irc_session.cpp; no line has what users said, or a secret.
#pragma once

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace admit::bot {

class log {
public:
    /// "-" is standard output. Throws `tools::output_error` if the file cannot be opened.
    explicit log(const std::string& path);

    /// Writes a line with the time, the event and its fields, and flushes it.
    void write(std::string_view event, nlohmann::ordered_json fields = {});

private:
    std::ofstream file_;
    std::ostream* out_;
};

}  // namespace admit::bot
