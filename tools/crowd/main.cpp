// SPDX-License-Identifier: BSL-1.0
// admit-crowd: up to a million users at once, measured and reported. See docs/load_testing.md.
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "common/exit_codes.hpp"
#include "common/output.hpp"
#include "common/progress.hpp"
#include "crowd/command_line.hpp"
#include "crowd/measure.hpp"
#include "crowd/report.hpp"

namespace admit::crowd {
namespace {

std::vector<measured> measure_with_progress(const command& wanted) {
    tools::progress_bar bar(cases_of(wanted).size() * wanted.repetitions, !wanted.quiet);
    return measure(wanted, run_in_child,
                   [&](const crowd_case& next, std::size_t number, std::size_t all) {
                       bar.begin(label_of(next), next.plan.threads);
                       bar.update(static_cast<double>(number) / static_cast<double>(all));
                   });
}

tools::exit_code perform(const command& wanted, bool can_print) {
    const bool prints = !wanted.quiet && wanted.json != "-";
    if ((prints || wanted.text || wanted.json == "-") && !can_print)
        throw tools::output_error("standard output is closed");
    if (wanted.text) {
        tools::write_out(*wanted.text);
        return tools::succeeded;
    }
    if (wanted.json) tools::check_report_path("--json", *wanted.json);
    const std::vector<measured> all = measure_with_progress(wanted);
    if (wanted.json) tools::write_report(*wanted.json, json_report(all));
    if (prints) tools::write_out(table_report(all, tools::wants_colour(STDOUT_FILENO)));
    const auto compared = compare(all);
    const bool met = std::all_of(compared.begin(), compared.end(),
                                 [](const comparison& each) { return each.met(); });
    return met || !wanted.check ? tools::succeeded : tools::check_failed;
}

}  // namespace
}  // namespace admit::crowd

int main(int argc, char** argv) {
    return admit::tools::run_tool("admit-crowd", [&](bool can_print) {
        return admit::crowd::perform(admit::crowd::parse_command_line(argc, argv), can_print);
    });
}
