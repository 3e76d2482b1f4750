#!/usr/bin/env bash
# Installs what the benchmark needs, builds it, and runs it with the arguments
# given here. Results go to stdout; all else to stderr.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"
# shellcheck source=tools/common/run_tool.sh
source "$ADMIT_ROOT/tools/common/run_tool.sh"

usage() {
    cat <<'HELP'
usage: tools/bench.sh [options]

Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the
benchmark and measures the engine against its floor, its targets and two
baselines: a few minutes. The machine should have nothing else to do.

What to measure:
  --quick               seconds in all; the figures say little
  --check               exit with 1 if a target is missed
  --rounds N            rounds of which a figure is the median
  --only NAME           the floor and this alone (repeatable)
  --list                name what can be measured and stop
For a profiler:
  --run NAME            run one figure without measuring it
  --operations N        how many operations each thread then does
Output:
  --json FILE           the results for machines
  --html FILE           one page with tables and plots
  --quiet               no progress, only what was missed
  --help                this text
This script's own:
  --docs                write docs/performance.md from the run
  --build-dir DIR       instead of build/
  --jobs N              compile N files at once (default: one for each core)
  --yes                 do not pause before installing

Exit codes: 0 measured (with --check: and every target met), 1 a target was
missed or the build failed, 2 bad usage, 3 something is missing that cannot be
installed from here, or the measurement could not be completed.
HELP
}

docs=0
take_own() {
    [[ $1 == --docs ]] || return 1
    docs=1
}

# The page is made from the JSON of the run; a file of its own when none is asked for.
measure_for_docs() {
    local json=$build_dir/bench.json status=0
    "$build_dir/tools/bench/admit-bench" ${tool_arguments[@]+"${tool_arguments[@]}"} --json "$json" || status=$?
    ((status <= 1)) || exit "$status"
    python3 "$ADMIT_ROOT/tools/bench/performance_page.py" "$json" "$ADMIT_ROOT/docs/performance.md"
    say "wrote docs/performance.md"
    exit "$status"
}

main() {
    parse "$@"
    need_build_tools g++
    need_tools
    install_missing
    build_tool bench/admit-bench || exit 1
    ((docs == 0)) || measure_for_docs
    exec "$build_dir/tools/bench/admit-bench" ${tool_arguments[@]+"${tool_arguments[@]}"}
}

main "$@"
