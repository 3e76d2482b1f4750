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
  --quick               take seconds instead of minutes; the figures are rough
  --check               exit with 1 if a target is missed
  --rounds N            rounds of which a figure is the median
  --only NAME           the floor and this figure only (repeatable)
  --list                list the names of all figures
For a profiler:
  --run NAME            run one figure without measuring it
  --operations N        operations of each thread with --run
Output:
  --json FILE           the figures as JSON
  --quiet               no progress, missed targets only
  --help                this text
Options of this script (--docs and --html exclude --json):
  --docs                write docs/performance.md from the run
  --html FILE           one page with tables and plots
  --build-dir DIR       instead of build/
  --jobs N              compile N files at once (default: one for each core)
  --yes                 do not pause before installing

Exit codes: 0 measured (with --check: and every target met), 1 a target was
missed or the build failed, 2 bad usage, 3 something is missing that cannot be
installed from here, or the measurement could not be completed.
HELP
}

docs=0
html=
take_own() {
    case $1 in
        --docs) docs=1 ;;
        --html)
            [[ -n $2 && ! -d $2 && -w $(dirname "$2") ]] || usage_error "--html $2: no file can be written there"
            html=$2
            ;;
        *) return 1 ;;
    esac
}

# Both pages are made from the JSON of the run.
measure_for_pages() {
    local json=$build_dir/bench.json status=0
    "$build_dir/tools/bench/admit-bench" ${tool_arguments[@]+"${tool_arguments[@]}"} --json "$json" || status=$?
    ((status <= 1)) || exit "$status"
    if ((docs)); then
        python3 "$ADMIT_ROOT/tools/bench/performance_page.py" "$json" "$ADMIT_ROOT/docs/performance.md"
        say "wrote docs/performance.md"
    fi
    [[ -z $html ]] || python3 "$ADMIT_ROOT/tools/bench/html_page.py" "$json" "$html" || exit 3
    exit "$status"
}

main() {
    parse "$@"
    need_build_tools g++
    need_tools
    [[ -z $html ]] || {
        need_command gnuplot gnuplot-nox "draws the plots of --html"
        python3 -c "import jinja2" 2>/dev/null || need python3-jinja2 "fills in the page of --html"
    }
    install_missing
    build_tool bench/admit-bench || exit 1
    if ((docs)) || [[ -n $html ]]; then measure_for_pages; fi
    exec "$build_dir/tools/bench/admit-bench" ${tool_arguments[@]+"${tool_arguments[@]}"}
}

main "$@"
