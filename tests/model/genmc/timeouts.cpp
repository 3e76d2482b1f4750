// Timeouts are read while they are replaced. Both are of one writer.
#include "state/settings.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::settings settings;

void writer() { settings.replace_timeouts(2, 2); }

// An odd version tells of a writer under way; what is concluded under it is void.
void reader() {
    const admit::core::timeouts seen = settings.read_timeouts();
    if (seen.version % 2 == 0) check(seen.idle == seen.max_duration, "of one call");
}

}  // namespace

int main() {
    settings.replace_timeouts(1, 1);
    scenario::run<writer, reader>();
    return 0;
}
