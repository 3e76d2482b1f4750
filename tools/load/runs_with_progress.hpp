// SPDX-License-Identifier: BSL-1.0
// Runs with a progress bar, and what the process says of them in the end. Used by main.cpp,
// file_commands.cpp and compare_command.cpp.
#pragma once

#include <cstddef>
#include <vector>

#include "common/exit_codes.hpp"
#include "common/printable.hpp"
#include "common/progress.hpp"
#include "load/report/live.hpp"
#include "load/runner.hpp"

namespace admit::load {

class runs_with_progress {
public:
    runs_with_progress(std::size_t runs, bool shown) : bar_(runs, shown) {}

    run_result run(const scenario& chosen, const plan& numbers) {
        bar_.begin(tools::printable(numbers.scenario), numbers.threads);
        run_result result = run_once(chosen, numbers, live_view(bar_));
        bar_.clear();
        return result;
    }

private:
    tools::progress_bar bar_;
};

/// 130 if a run was interrupted, 3 for a run that is no measurement, 1 for one that failed.
inline tools::exit_code exit_code_of(const std::vector<run_result>& results) noexcept {
    switch (judged(results)) {
        case verdict::passed: return tools::succeeded;
        case verdict::failed: return tools::check_failed;
        case verdict::invalid: return tools::not_completed;
        case verdict::interrupted: return tools::interrupted;
    }
    return tools::not_completed;
}

}  // namespace admit::load
