// SPDX-License-Identifier: BSL-1.0
#include "load/report/html.hpp"

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "load/report/json.hpp"
#include "load/report/page.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;

/// The checks of some scenarios name a user.
std::string without_ids(std::string text) {
    for (std::size_t at = 0; (at = text.find(user_id_begin, at)) != std::string::npos; ++at) {
        const std::size_t digits = at + user_id_begin.size();
        const std::size_t end = text.find_first_not_of("0123456789", digits);
        if (end == std::string::npos || end == digits) continue;
        if (text.compare(end, user_id_end.size(), user_id_end) != 0) continue;
        text.replace(at, end + user_id_end.size() - at, "a user");
    }
    return text;
}

void drop_ids_in_texts(json& node) {
    if (node.is_string()) node = without_ids(node.get<std::string>());
    if (!node.is_structured()) return;
    for (json& child : node) drop_ids_in_texts(child);
}

void drop_ids(json& report) {
    for (json& run : report["scenarios"]) {
        for (json& user : run["per_user"]) user.erase("user");
    }
    drop_ids_in_texts(report);
}

/// JSON that stays within its element: no `<` closes it, whatever the names hold.
std::string for_script(const json& report) {
    constexpr bool ascii_only = true;
    std::string out;
    for (const char letter : report.dump(-1, ' ', ascii_only, json::error_handler_t::replace)) {
        switch (letter) {
            case '<': out += "\\u003c"; break;
            case '>': out += "\\u003e"; break;
            case '&': out += "\\u0026"; break;
            default: out += letter;
        }
    }
    return out;
}

void append(std::string& out, std::span<const std::string_view> pieces) {
    for (const std::string_view piece : pieces) out += piece;
}

}  // namespace

std::string page_of(const json& data) {
    std::string page;
    append(page, page_before_data());
    page += for_script(data);
    append(page, page_after_data());
    return page;
}

std::string html_report(const std::vector<run_result>& runs, const tools::origin& origin,
                        bool show_users) {
    json report = json_value(runs, origin);
    if (!show_users) drop_ids(report);
    return page_of(report);
}

}  // namespace admit::load
