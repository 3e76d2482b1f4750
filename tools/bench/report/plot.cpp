#include "bench/report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "bench/report/tables.hpp"

namespace admit::bench {
namespace {

constexpr double width = 560, height = 320;
constexpr double left = 62, right = 14, top = 14, bottom = 46;

/// Maps values onto a stretch of the picture.
class axis {
public:
    axis(double least, double most, double from, double to, bool logarithmic)
        : logarithmic_(logarithmic),
          from_(from),
          to_(to),
          least_(scaled(least)),
          most_(scaled(most)) {
        if (most_ == least_) most_ = least_ + 1;
    }

    double place(double value) const {
        return from_ + (scaled(value) - least_) / (most_ - least_) * (to_ - from_);
    }

private:
    double scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }

    bool logarithmic_;
    double from_, to_, least_, most_;
};

struct point {
    double x, ns;
};

std::vector<point> points_of(const curve& over, const curve::series& line, const figures& all) {
    std::vector<point> points;
    for (std::size_t i = 0; i < over.at.size(); ++i) {
        const auto found = all.find(line.points[i].name());
        if (found != all.end()) points.push_back({over.at[i], found->second.median});
    }
    return points;
}

/// Powers of ten, and halfway marks, that span all values.
std::pair<double, double> span(const std::vector<std::vector<point>>& lines) {
    double least = 1e300, most = 0;
    for (const auto& line : lines) {
        for (const point& one : line) {
            least = std::min(least, one.ns);
            most = std::max(most, one.ns);
        }
    }
    if (most == 0) return {1, 10};
    return {std::pow(10, std::floor(std::log10(least))), std::pow(10, std::ceil(std::log10(most)))};
}

std::string y_axis(const axis& y, std::pair<double, double> ns) {
    std::string out;
    for (double tick = ns.first; tick <= ns.second * 1.001; tick *= 10) {
        for (const double mark : {tick, tick * 2, tick * 5}) {
            if (mark > ns.second * 1.001) continue;
            fmt::format_to(std::back_inserter(out),
                           "<line class='grid' x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/>"
                           "<text x='{3}' y='{4:.1f}' text-anchor='end'>{5}</text>\n",
                           left, width - right, y.place(mark), left - 6, y.place(mark) + 4,
                           brief(mark));
        }
    }
    return out + fmt::format(
                     "<text x='14' y='{0}' transform='rotate(-90 14 {0})' "
                     "text-anchor='middle'>ns</text>\n",
                     (top + height - bottom) / 2);
}

std::string x_axis(const axis& x, const curve& over) {
    std::string out;
    double free_from = 0;
    for (const double at : over.at) {
        const double place = x.place(at);
        if (place < free_from) continue;
        free_from = place + 46;
        fmt::format_to(std::back_inserter(out),
                       "<text x='{:.1f}' y='{}' text-anchor='middle'>{}</text>\n", place,
                       height - bottom + 17, brief(at));
    }
    return out + fmt::format("<text x='{}' y='{}' text-anchor='middle'>{}</text>\n",
                             (left + width - right) / 2, height - 8, over.x_label);
}

std::string drawn(const std::vector<point>& line, std::string_view system, const axis& x,
                  const axis& y) {
    std::string path, dots;
    for (const point& one : line) {
        fmt::format_to(std::back_inserter(path), "{}{:.1f} {:.1f}", path.empty() ? "M" : " L",
                       x.place(one.x), y.place(one.ns));
        fmt::format_to(std::back_inserter(dots),
                       "<circle class='{}' cx='{:.1f}' cy='{:.1f}' r='3.5'>"
                       "<title>{}: {} ns at {}</title></circle>\n",
                       system, x.place(one.x), y.place(one.ns), system, brief(one.ns),
                       brief(one.x));
    }
    return fmt::format("<path class='{}' d='{}'/>\n{}", system, path, dots);
}

}  // namespace

std::string plot(const curve& over, const figures& all) {
    std::vector<std::vector<point>> lines;
    for (const curve::series& line : over.lines) lines.push_back(points_of(over, line, all));
    const auto ns = span(lines);
    const auto [first, last] = std::minmax_element(over.at.begin(), over.at.end());
    const axis x(*first, *last, left, width - right, over.logarithmic);
    const axis y(ns.first, ns.second, height - bottom, top, true);
    std::string out = fmt::format(
        "<svg viewBox='0 0 {0} {1}' width='{0}' height='{1}' role='img'>\n", width, height);
    out += y_axis(y, ns) + x_axis(x, over);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        out += drawn(lines[i], over.lines[i].system, x, y);
    }
    return out + "</svg>\n";
}

}  // namespace admit::bench
