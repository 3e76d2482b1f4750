#include "bench/report/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "common/text_table.hpp"

namespace admit::bench {
namespace {

const figure* find(const figures& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? nullptr : &found->second;
}

std::string times(double ratio) { return fmt::format("{:.2f} x", ratio); }

std::string cell(const figure* one) { return one == nullptr ? "-" : brief(one->median); }

std::string ratio_cell(const figure* one, const figure* to) {
    return one == nullptr || to == nullptr ? "-" : times(one->median / to->median);
}

std::string range(const figure* one) {
    return one == nullptr ? "-" : fmt::format("{} to {}", brief(one->low), brief(one->high));
}

std::string rounds(const figure* one) {
    if (one == nullptr) return "none";
    return one->dropped == 0 ? fmt::to_string(one->rounds)
                             : fmt::format("{} of {}", one->rounds, one->rounds + one->dropped);
}

std::string line_price(const figure* one) {
    return one == nullptr || one->line_price == 0 ? "" : brief(one->line_price);
}

/// The same work by the same number of threads, done by another system.
row by(std::string_view system, row one) {
    one.system = system;
    return one;
}

std::vector<std::string> work_cells(const row& one, const figures& all) {
    const figure* const ours = find(all, one.name());
    const figure* const mutex = find(all, by(systems::mutex, one).name());
    const figure* const sharded = find(all, by(systems::sharded, one).name());
    const figure* const floor = find(all, std::string(floor_figure));
    return {one.title,     fmt::to_string(one.threads),
            cell(ours),    ratio_cell(ours, floor),
            cell(mutex),   ratio_cell(mutex, ours),
            cell(sharded), ratio_cell(sharded, ours),
            rounds(ours),  line_price(ours)};
}

std::string amount(std::optional<double> number, const judgement& one) {
    if (!number) return "-";
    return one.what.of.empty() ? brief(*number) : times(*number);
}

std::string of_what(const target& one) {
    return one.of.empty() ? "" : fmt::format("{} / {}", one.figure, one.of);
}

std::string_view word_for(verdict is) {
    switch (is) {
        case verdict::met: return "met";
        case verdict::missed: return "MISSED";
        case verdict::unknown: break;
    }
    return "NOT MEASURED";
}

std::string summary_line(const std::vector<judgement>& judged) {
    const auto count = [&](verdict is) {
        return std::count_if(judged.begin(), judged.end(),
                             [is](const judgement& one) { return one.is == is; });
    };
    return fmt::format("{} targets: {} met, {} missed, {} not measured.", judged.size(),
                       count(verdict::met), count(verdict::missed), count(verdict::unknown));
}

}  // namespace

std::string brief(double number) {
    const double size = std::abs(number);
    if (size == std::floor(size) && size < 1000) return fmt::format("{:.0f}", number);
    if (size >= 1000) {
        std::string digits = fmt::format("{:.0f}", number);
        for (std::ptrdiff_t at = std::ssize(digits) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
            digits.insert(static_cast<std::size_t>(at), 1, ',');
        }
        return digits;
    }
    return fmt::format("{:.{}f}", number, size < 100 ? 2 : 1);
}

table floor_table(const results& run) {
    table out{"Floor, ns", {{"what", "threads", "ns", "range", "rounds", "line ns"}}};
    for (const row& one : run.asked.rows) {
        if (one.system != systems::steps) continue;
        const figure* const found = find(run.measured, one.name());
        out.rows.push_back({one.title, fmt::to_string(one.threads), cell(found), range(found),
                            rounds(found), line_price(found)});
    }
    return out;
}

table work_table(const results& run) {
    table out{"Work, ns for each operation and thread",
              {{"what", "threads", "ns", "/ floor", "mutex", "/ ours", "sharded", "/ ours",
                "rounds", "line ns"}}};
    for (const row& one : run.asked.rows) {
        if (one.system == systems::admit) out.rows.push_back(work_cells(one, run.measured));
    }
    return out;
}

table observation_table(const results& run) {
    table out{"Other figures", {{"what", "value", "unit"}}};
    for (const observation& one : run.asked.observations) {
        out.rows.push_back({one.title, cell(find(run.measured, one.name)), one.unit});
    }
    for (const curve& one : run.asked.curves) {
        const figure* const times_more = find(run.measured, one.growth());
        out.rows.push_back({"dearest / cheapest: " + one.title, cell(times_more), "x"});
    }
    return out;
}

table target_table(const results& run) {
    table out{"Targets", {{"what", "at most", "is", "verdict", "ratio of"}}};
    for (const judgement& one : run.judged) {
        out.rows.push_back({one.what.title, amount(one.what.times, one), amount(one.ratio(), one),
                            std::string(word_for(one.is)), of_what(one.what)});
    }
    return out;
}

table curve_table(const curve& one, const figures& all) {
    table out{fmt::format("{} ({})", one.title, one.name), {{one.x_label}}};
    for (const curve::series& line : one.lines) out.rows[0].emplace_back(line.system);
    for (std::size_t point = 0; point < one.at.size(); ++point) {
        std::vector<std::string> cells = {brief(one.at[point])};
        for (const curve::series& line : one.lines) {
            cells.push_back(cell(find(all, line.points[point].name())));
        }
        out.rows.push_back(std::move(cells));
    }
    return out;
}

std::vector<table> all_tables(const results& run) {
    std::vector<table> all = {floor_table(run), work_table(run)};
    for (const curve& one : run.asked.curves) all.push_back(curve_table(one, run.measured));
    all.push_back(observation_table(run));
    all.push_back(target_table(run));
    std::erase_if(all, [](const table& one) { return one.rows.size() < 2; });
    return all;
}

std::string text_report(const results& run, bool colour) {
    std::string out;
    for (const table& one : all_tables(run)) {
        tools::text_table text(one.title, one.rows.front());
        for (std::size_t i = 1; i < one.rows.size(); ++i) text.add(one.rows[i]);
        out += text.text(colour);
    }
    return out + '\n' +
           tools::painted(summary_line(run.judged), all_met(run.judged) ? tools::green : tools::red,
                          colour) +
           '\n';
}

std::string missed_targets(const results& run, bool colour) {
    std::string out;
    for (const judgement& one : run.judged) {
        if (one.is == verdict::met) continue;
        fmt::format_to(std::back_inserter(out), "{} {}: at most {}, is {}\n",
                       tools::painted(word_for(one.is), tools::red, colour), one.what.title,
                       amount(one.what.times, one), amount(one.ratio(), one));
    }
    return out;
}

}  // namespace admit::bench
