// The results as tables, whatever they are printed on.
#pragma once

#include <string>
#include <vector>

#include "bench/catalog.hpp"
#include "bench/figures.hpp"

namespace admit::bench {

/// One run, as the reports need it.
struct results {
    catalog asked;
    figures measured;
    std::vector<judgement> judged;
};

struct table {
    std::string title;
    std::vector<std::vector<std::string>> rows;  ///< the first one is the head
};

/// 23.51, 412.3, 71,203: three or four digits that count.
std::string brief(double number);

table floor_table(const results&);
table work_table(const results&);
table observation_table(const results&);
table target_table(const results&);
table curve_table(const curve&, const figures&);

/// All of them that have rows, in the order in which they are to be read.
std::vector<table> all_tables(const results&);

/// For people: all tables, and the verdict.
std::string text_report(const results&, bool colour);

/// One line for each target that is missed or could not be judged.
std::string missed_targets(const results&, bool colour);

}  // namespace admit::bench
