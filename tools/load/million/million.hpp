// admit-load million: a million users at once.
#pragma once

namespace admit::load::million {

/// Parses, measures, reports. `argv[0]` is not looked at. True: nothing is wrong. Throws
/// `usage_error`, and what else keeps the runs from being completed.
bool run(int argc, const char* const* argv, bool can_print);

}  // namespace admit::load::million
