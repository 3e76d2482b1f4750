// SPDX-License-Identifier: BSL-1.0
#include "bench/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

#include "common/text_table.hpp"

namespace admit::bench {
namespace {

using tools::text_table;

/// Three or four digits that count: 23.51, 412.3, 71,203.
std::string brief(double number) {
    const double size = std::abs(number);
    if (size >= 1000) {
        std::string digits = fmt::format("{:.0f}", number);
        for (std::ptrdiff_t at = std::ssize(digits) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
            digits.insert(static_cast<std::size_t>(at), 1, ',');
        }
        return digits;
    }
    if (size == std::floor(size)) return fmt::format("{:.0f}", number);
    return fmt::format("{:.{}f}", number, size < 100 ? 2 : 1);
}

const figure* find(const figures& measured, const std::string& name) {
    const auto found = measured.find(name);
    return found == measured.end() ? nullptr : &found->second;
}

std::string times(double ratio) { return fmt::format("{:.2f} x", ratio); }

std::string cell(const figure* value) { return value == nullptr ? "-" : brief(value->median); }

std::string ratio_cell(const figure* value, const figure* unit) {
    return value == nullptr || unit == nullptr ? "-" : times(value->median / unit->median);
}

std::string range(const figure* value) {
    return value == nullptr ? "-" : fmt::format("{} to {}", brief(value->low), brief(value->high));
}

std::string rounds(const figure* value) {
    if (value == nullptr) return "none";
    return value->dropped == 0
               ? fmt::to_string(value->rounds)
               : fmt::format("{} of {}", value->rounds, value->rounds + value->dropped);
}

std::string transfer(const figure* value) {
    return value == nullptr || value->line_transfer_ns == 0 ? "" : brief(value->line_transfer_ns);
}

/// The same work by the same number of threads, done by another system.
std::string name_of(row item, std::string_view system) {
    item.system = system;
    return item.name();
}

std::vector<std::string> work_cells(const row& item, const figures& measured) {
    const figure* const ours = find(measured, item.name());
    const bool compared = item.system == systems::admit;
    const auto baseline = [&](std::string_view system) {
        return compared ? find(measured, name_of(item, system)) : nullptr;
    };
    const figure* const mutex = baseline(systems::mutex);
    const figure* const sharded = baseline(systems::sharded);
    const figure* const floor = find(measured, std::string(floor_figure));
    return {item.title,    fmt::to_string(item.threads),
            cell(ours),    ratio_cell(ours, floor),
            cell(mutex),   ratio_cell(mutex, ours),
            cell(sharded), ratio_cell(sharded, ours),
            rounds(ours),  transfer(ours)};
}

std::string amount(std::optional<double> number, const judgement& item) {
    if (!number) return "-";
    return item.goal.of.empty() ? brief(*number) : times(*number);
}

std::string_view word_for(verdict result) {
    switch (result) {
        case verdict::met: return "met";
        case verdict::missed: return "MISSED";
        case verdict::unknown: break;
    }
    return "NOT MEASURED";
}

text_table floor_table(const results& run) {
    text_table table("Floor, ns", {"what", "threads", "ns", "range", "rounds", "line ns"});
    for (const row& item : run.requested.rows) {
        if (item.system != systems::steps) continue;
        const figure* const value = find(run.measured, item.name());
        table.add({item.title, fmt::to_string(item.threads), cell(value), range(value),
                   rounds(value), transfer(value)});
    }
    return table;
}

text_table work_table(const results& run) {
    text_table table("Work, ns for each operation and thread",
                     {"what", "threads", "ns", "/ floor", "mutex", "/ ours", "sharded", "/ ours",
                      "rounds", "line ns"});
    for (const row& item : run.requested.rows) {
        if (item.system == systems::admit || item.system == systems::counts)
            table.add(work_cells(item, run.measured));
    }
    return table;
}

text_table observation_table(const results& run) {
    text_table table("Other figures", {"what", "value", "unit"});
    for (const observation& item : run.requested.observations) {
        table.add({item.title, cell(find(run.measured, item.name)), item.unit});
    }
    for (const curve& item : run.requested.curves) {
        table.add(
            {"highest / lowest: " + item.title, cell(find(run.measured, item.growth())), "x"});
    }
    return table;
}

text_table target_table(const results& run) {
    text_table table("Targets", {"what", "at most", "is", "verdict", "ratio of"});
    for (const judgement& item : run.judged) {
        const target& goal = item.goal;
        table.add({goal.title, amount(goal.times, item), amount(item.ratio(), item),
                   std::string(word_for(item.result)),
                   goal.of.empty() ? "" : fmt::format("{} / {}", goal.figure, goal.of)});
    }
    return table;
}

text_table curve_table(const curve& shape, const figures& measured) {
    std::vector<std::string> heads = {shape.x_label};
    for (const curve::series& line : shape.lines) heads.emplace_back(line.system);
    text_table table(fmt::format("{} ({})", shape.title, shape.name), std::move(heads));
    for (std::size_t point = 0; point < shape.at.size(); ++point) {
        std::vector<std::string> cells = {brief(shape.at[point])};
        for (const curve::series& line : shape.lines) {
            cells.push_back(cell(find(measured, line.points[point].name())));
        }
        table.add(std::move(cells));
    }
    return table;
}

std::string summary_line(const std::vector<judgement>& judged) {
    const auto count = [&](verdict result) {
        return std::count_if(judged.begin(), judged.end(),
                             [result](const judgement& item) { return item.result == result; });
    };
    return fmt::format("{} targets: {} met, {} missed, {} not measured.", judged.size(),
                       count(verdict::met), count(verdict::missed), count(verdict::unknown));
}

}  // namespace

std::string text_report(const results& run, bool colour) {
    std::vector<text_table> tables = {floor_table(run), work_table(run)};
    for (const curve& shape : run.requested.curves) {
        tables.push_back(curve_table(shape, run.measured));
    }
    tables.push_back(observation_table(run));
    tables.push_back(target_table(run));
    std::string out;
    for (const text_table& table : tables) {
        if (!table.empty()) out += table.text(colour);
    }
    return out + '\n' +
           tools::painted(summary_line(run.judged), all_met(run.judged) ? tools::green : tools::red,
                          colour) +
           '\n';
}

std::string missed_targets(const results& run, bool colour) {
    std::string out;
    for (const judgement& item : run.judged) {
        if (item.result == verdict::met) continue;
        fmt::format_to(std::back_inserter(out), "{} {}: at most {}, is {}\n",
                       tools::painted(word_for(item.result), tools::red, colour), item.goal.title,
                       amount(item.goal.times, item), amount(item.ratio(), item));
    }
    return out;
}

}  // namespace admit::bench
