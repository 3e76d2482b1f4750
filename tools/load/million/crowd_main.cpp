// One crowd in a process of its own, so that its memory is its alone. Started by admit-load, once
// for each allocator that it is linked with.
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include <exception>

#include "load/million/crowd.hpp"
#include "load/report/output.hpp"

int main(int argc, char** argv) {
    namespace load = admit::load;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would read what comes of it
    if (argc != 2) {
        load::write_err("admit-crowd: is started by admit-load million\n");
        return 2;
    }
    try {
        const auto plan = nlohmann::json::parse(argv[1]).get<load::million::crowd_plan>();
        const nlohmann::json result = load::million::run_crowd(plan);
        load::write_out(result.dump() + '\n');
        return 0;
    } catch (const std::exception& error) {
        load::write_err(fmt::format("admit-crowd: {}\n", error.what()));
        return 3;
    }
}
