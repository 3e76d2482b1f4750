#include "load/million/million.hpp"

#include <unistd.h>

#include <algorithm>

#include "load/million/command_line.hpp"
#include "load/million/measure.hpp"
#include "load/million/report.hpp"
#include "load/report/output.hpp"
#include "load/report/progress.hpp"

namespace admit::load::million {
namespace {

std::vector<measured> measure_with_progress(const command& wanted) {
    progress_bar bar(cases_of(wanted).size() * wanted.repetitions, !wanted.quiet);
    return measure(wanted, run_in_child,
                   [&](const crowd_case& next, std::size_t number, std::size_t all) {
                       bar.begin(label_of(next), next.plan.threads);
                       bar.update(static_cast<double>(number) / static_cast<double>(all));
                   });
}

}  // namespace

bool run(int argc, const char* const* argv, bool can_print) {
    const command wanted = parse_command_line(argc, argv);
    const bool prints = !wanted.quiet && wanted.json != "-";
    if ((prints || wanted.help || wanted.json == "-") && !can_print)
        throw output_error("standard output is closed");
    if (wanted.help) {
        write_out(*wanted.help);
        return true;
    }
    if (wanted.json) check_report_path("--json", *wanted.json);
    const std::vector<measured> all = measure_with_progress(wanted);
    if (wanted.json) write_report(*wanted.json, json_report(all));
    if (prints) write_out(table_report(all, wants_colour(STDOUT_FILENO)));
    const auto compared = compare(all);
    return !wanted.check || std::all_of(compared.begin(), compared.end(),
                                        [](const comparison& each) { return each.met(); });
}

}  // namespace admit::load::million
