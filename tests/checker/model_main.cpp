// SPDX-License-Identifier: BSL-1.0
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <stdexcept>

#include "checker/command_line.hpp"
#include "checker/seed.hpp"

/// main() of every model test. Its options are those of doctest and of command_line.hpp.
int main(int argc, char** argv) {
    namespace model = admit::model;
    try {
        model::arguments() = model::command_line::parse(argc, argv);
        if (!model::arguments().replay.empty()) {
            static_cast<void>(model::seed::decode(model::arguments().replay));
        }
    } catch (const std::invalid_argument& wrong) {
        std::fprintf(stderr, "%s\n", wrong.what());
        return 2;
    }
    return doctest::Context{argc, argv}.run();
}
