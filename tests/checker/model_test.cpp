#include "checker/model_test.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "checker/command_line.hpp"
#include "checker/seed.hpp"

namespace admit::model {

namespace {

void replay_if_named(std::string_view name, const options& how, const std::function<void()>& body) {
    const std::string& text = arguments().replay;
    if (seed::decode(text).test != seed::hash(name)) {
        return;
    }
    const exploration found = replay(name, text, how, body);
    std::printf("model: %s: replayed %s\n%s", found.name.c_str(), text.c_str(),
                found.interleaving.c_str());
    if (found.failed()) {
        FAIL_CHECK(found.failure);
    }
}

}  // namespace

void explore(std::string_view name, const options& how, const std::function<void()>& body) {
    if (!arguments().replay.empty()) {
        replay_if_named(name, how, body);
        return;
    }
    const exploration found = search(name, arguments().apply(how), body);
    std::printf("model: %s\n", found.summary().c_str());
    if (found.failed()) {
        FAIL_CHECK(found.report());
    }
}

}  // namespace admit::model
