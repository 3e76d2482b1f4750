// SPDX-License-Identifier: BSL-1.0
#include "checker/model_test.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "checker/command_line.hpp"
#include "checker/seed.hpp"

namespace admit::model {

namespace {

void replay_if_seed_is_of(std::string_view name, const options& config,
                          const std::function<void()>& body) {
    const std::string& text = arguments().replay;
    if (seed::decode(text).test != seed::hash(name)) {
        return;
    }
    const exploration result = replay(name, text, config, body);
    std::printf("model: %s: replayed %s\n%s", result.name.c_str(), text.c_str(),
                result.interleaving.c_str());
    if (result.failed()) {
        FAIL_CHECK(result.failure);
    }
}

}  // namespace

void explore(std::string_view name, const options& config, const std::function<void()>& body) {
    if (!arguments().replay.empty()) {
        replay_if_seed_is_of(name, config, body);
        return;
    }
    const exploration result = search(name, arguments().apply(config), body);
    std::printf("model: %s\n", result.summary().c_str());
    if (result.failed()) {
        FAIL_CHECK(result.report());
    }
}

}  // namespace admit::model
