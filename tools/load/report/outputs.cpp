// SPDX-License-Identifier: BSL-1.0
#include "load/report/outputs.hpp"

#include <nlohmann/json.hpp>

#include "common/option_values.hpp"
#include "common/output.hpp"
#include "load/report/exports.hpp"
#include "load/report/html.hpp"
#include "load/report/json.hpp"

namespace admit::load {

bool reports_to_stdout(const command& given) { return given.json == "-" || given.html == "-"; }

void check_report_paths(const command& given) {
    if (given.json == "-" && given.html == "-") {
        tools::refuse("--html", "-", "a file, because standard output takes the JSON");
    }
    if (given.json) tools::check_report_path("--json", *given.json);
    if (given.html) tools::check_report_path("--html", *given.html);
    if (given.csv) tools::check_report_path("--csv", *given.csv);
    if (given.hgrm) tools::check_report_path("--hgrm", *given.hgrm);
}

void write_reports(const command& given, const std::vector<run_result>& results,
                   const tools::origin& origin) {
    if (given.json) tools::write_report(*given.json, json_text(json_value(results, origin)));
    if (given.html)
        tools::write_report(*given.html, html_report(results, origin, given.show_users));
    if (results.empty()) return;
    if (given.csv) tools::write_report(*given.csv, csv_report(results.back().measured));
    if (given.hgrm) tools::write_report(*given.hgrm, hgrm_report(results.back().measured));
}

}  // namespace admit::load
