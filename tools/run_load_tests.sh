#!/usr/bin/env bash
# Installs what the load tool needs, builds it, and runs it with the arguments
# given here. Results go to stdout; all else to stderr.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/setup.sh"
# shellcheck source=tools/lib/run_tool.sh
source "$ADMIT_ROOT/tools/lib/run_tool.sh"

usage() {
    cat <<'HELP'
usage: tools/run_load_tests.sh [options]

Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the load
tool and runs the load scenarios. See docs/load_testing.md.

What to run:
  --quick               a few seconds in all
  --full                the sustained scenario for its full five minutes
  --scenario NAME       only this one (repeatable)
  --list                name the scenarios and stop
Limits:
  --max-concurrent N    conversations at once
  --max-per-user N      conversations of one user at once
  --idle-timeout S      seconds without activity until a conversation ends
  --max-duration S      seconds until any conversation ends
Load:
  --users N             simulated users
  --duration S          seconds that the sustained scenario runs
  --wait S              seconds that a start without room waits, not rejected
  --threads N           threads that run the users
  --scale N             N times the users and the limits
Output:
  --json FILE           the results for machines
  --quiet               no progress, only what failed
  --help                this text
This script's own:
  --build-dir DIR       instead of build/
  --jobs N              compile N files at once (default: one for each core)
  --yes                 do not pause before installing

Exit codes: 0 all passed, 1 a check or the build failed, 2 bad usage, 3
something is missing that cannot be installed from here, or the results could
not be written.
HELP
}

main() {
    parse "$@"
    need_build_tools g++
    need_tools
    install_missing
    build_tool load/admit-load || exit 1
    exec "$build_dir/tools/load/admit-load" ${tool_arguments[@]+"${tool_arguments[@]}"}
}

main "$@"
