// SPDX-License-Identifier: BSL-1.0
// Timeouts are read while they are replaced. Both values come from one call.
#include "state/settings.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::settings settings;

void writer() { settings.replace_timeouts(2, 2); }

// An odd version means that a writer is under way, and the values are not used.
void reader() {
    const admit::core::timeouts seen = settings.read_timeouts();
    if (seen.version % 2 == 0) check(seen.idle == seen.max_duration, "both values are of one call");
}

}  // namespace

int main() {
    settings.replace_timeouts(1, 1);
    scenario::run<writer, reader>();
    return 0;
}
