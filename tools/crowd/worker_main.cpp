// SPDX-License-Identifier: BSL-1.0
// admit-crowd-glibc and admit-crowd-mimalloc: run one crowd in a process of its own, so that only
// the memory of this crowd is measured. Started by admit-crowd; the plan and the result are JSON.
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include <exception>

#include "common/output.hpp"
#include "crowd/crowd.hpp"

int main(int argc, char** argv) {
    namespace tools = admit::tools;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // without its parent the result would be lost
    if (argc != 2) {
        tools::write_err("admit-crowd: this program is started by admit-crowd\n");
        return 2;
    }
    try {
        const auto plan = nlohmann::json::parse(argv[1]).get<admit::crowd::crowd_plan>();
        const nlohmann::json result = admit::crowd::run_crowd(plan);
        tools::write_out(result.dump() + '\n');
        return 0;
    } catch (const std::exception& error) {
        tools::write_err(fmt::format("admit-crowd: {}\n", error.what()));
        return 3;
    }
}
