#!/usr/bin/env bash
# Installs what the load tool needs, builds it, and runs it with the arguments
# given here. Results go to stdout; all else to stderr.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"
# shellcheck source=tools/common/run_tool.sh
source "$ADMIT_ROOT/tools/common/run_tool.sh"

usage() {
    cat <<'HELP'
usage: tools/run_load_tests.sh [options]
       tools/run_load_tests.sh million [options]

Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the load
tool and runs the load scenarios, or a million users at once, which has options
of its own: `million --help` lists them. See docs/load_testing.md.

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

usage_of_million() {
    cat <<'HELP'
usage: tools/run_load_tests.sh million [options]

Keeps up to a million users alive at once, each a coroutine, and measures the
memory and time of each. See docs/load_testing.md.

The crowd:
  --quick               few users, once
  --users N             users at once
  --threads N           contexts, each with a thread
  --max-concurrent N    conversations at once (repeatable: each a crowd)
  --max-per-user N      conversations of one user at once
  --steps N             steps of each conversation
  --step S              seconds that a step takes
  --wait S              seconds that a user waits at most
The runs:
  --timers WHICH        heap, wheel or both
  --allocator WHICH     glibc, mimalloc or both
  --repeat N            runs of each crowd
Output:
  --check               exit with 1 when a target is missed
  --json FILE           the results for machines
  --quiet               print nothing
  --help                this text
This script's own:
  --build-dir DIR       instead of build/
  --jobs N              compile N files at once (default: one for each core)
  --yes                 do not pause before installing

Exit codes: 0 fine, 1 a target was missed (with --check) or the build failed, 2
bad usage, 3 something is missing that cannot be installed from here, or the
runs or the results could not be completed.
HELP
}

main() {
    local tool=load/admit-load
    if [[ ${1-} == million ]]; then
        tool=crowd/admit-crowd
        usage() { usage_of_million; }
        shift
    fi
    parse "$@"
    need_build_tools g++
    need_tools
    install_missing
    build_tool "$tool" || exit 1
    exec "$build_dir/tools/$tool" ${tool_arguments[@]+"${tool_arguments[@]}"}
}

main "$@"
