#include "bench/report/page.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "bench/build_info.hpp"
#include "bench/machine.hpp"
#include "bench/report/plot.hpp"

namespace admit::bench {
namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>admit-bench</title><style>
body { font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1180px; padding: 0 1em;
       color: #222; background: #fff; }
table { border-collapse: collapse; margin-bottom: 1.5em; }
th, td { padding: .2em .8em; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.missed { color: #b3261e; font-weight: bold; }
.plots { display: flex; flex-wrap: wrap; gap: 1em; }
figure { margin: 0; } figcaption { font-weight: 600; max-width: 560px; }
svg text { font-size: 11px; fill: #555; } svg path { fill: none; stroke-width: 2; }
.grid { stroke: #e4e4e4; }
path.admit { stroke: #1565c0; } circle.admit { fill: #1565c0; }
path.mutex { stroke: #c62828; } circle.mutex { fill: #c62828; }
path.sharded { stroke: #ef8f00; } circle.sharded { fill: #ef8f00; }
.key span { padding-right: 1.5em; font-weight: 600; }
</style></head><body>
)";

constexpr std::string_view key = R"(<p class="key"><span style="color:#1565c0">admit</span>
<span style="color:#c62828">mutex: one mutex around two hash maps</span>
<span style="color:#ef8f00">sharded: 64 mutexes and an atomic</span></p>
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string shown(const table& one) {
    std::string out = fmt::format("<h2>{}</h2>\n<table>\n", escaped(one.title));
    for (std::size_t i = 0; i < one.rows.size(); ++i) {
        out += "<tr>";
        for (const std::string& cell : one.rows[i]) {
            const bool alarming = cell == "MISSED" || cell == "NOT MEASURED";
            fmt::format_to(std::back_inserter(out), "<{0}{1}>{2}</{0}>", i == 0 ? "th" : "td",
                           alarming ? " class='missed'" : "", escaped(cell));
        }
        out += "</tr>\n";
    }
    return out + "</table>\n";
}

std::string facts() {
    const machine here = this_machine();
    return fmt::format("<p>{}, {} cores; {}; {}; {}</p>\n", escaped(here.processor), here.cores,
                       escaped(here.system), escaped(compiler), escaped(flags));
}

std::string plots(const results& run) {
    if (run.asked.curves.empty()) return {};
    std::string out = fmt::format("<h2>Growth</h2>\n{}<div class='plots'>\n", key);
    for (const curve& one : run.asked.curves) {
        fmt::format_to(std::back_inserter(out), "<figure><figcaption>{}</figcaption>{}</figure>\n",
                       escaped(one.title), plot(one, run.measured));
    }
    return out + "</div>\n";
}

}  // namespace

std::string html_page(const results& run) {
    std::string out{head};
    out += "<h1>admit-bench</h1>\n" + facts() + shown(target_table(run)) + plots(run);
    for (const table& one : all_tables(run)) {
        if (one.title != target_table(run).title) out += shown(one);
    }
    return out + "</body></html>\n";
}

}  // namespace admit::bench
