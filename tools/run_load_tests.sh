#!/usr/bin/env bash
# Installs what the load tool needs, builds it, and runs it with the arguments
# given here. Results go to stdout; all else to stderr.
set -euo pipefail
# shellcheck source=tools/lib/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/setup.sh"

# The options of admit-load stand here too, so that --help answers, and a typo
# is told, before anything is installed. A house test compares the two lists.
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

build_dir=$ADMIT_ROOT/build
jobs=$(nproc 2>/dev/null || echo 1)
tool_arguments=()

option_takes_value() { usage | grep -E "^  $1 +[A-Z]+ " >/dev/null; }
option_exists() { [[ $1 =~ ^--[a-z-]+$ ]] && usage | grep -E "^  $1 " >/dev/null; }

# Values are judged by the tool; here only the names are, and which take one.
parse() {
    local name
    while (($#)); do
        name=${1%%=*}
        option_exists "$name" || usage_error "unknown option '$1'"
        [[ $name != --help ]] || { usage && exit 0; }
        if [[ $1 == *=* ]]; then
            take "$name" "${1#*=}" "$1"
        elif option_takes_value "$name"; then
            [[ -n ${2+set} ]] || usage_error "$name needs a value"
            take "$name" "$2" "$1" "$2"
            shift
        else
            take "$name" "" "$1"
        fi
        shift
    done
}

take() { # take OPTION VALUE WORDS...: ours is kept, the tool's passed on as written
    case $1 in
        --build-dir)
            [[ -n $2 ]] || usage_error "--build-dir needs a value"
            build_dir=$2
            ;;
        --jobs)
            [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--jobs $2: must be 1 to 9999"
            jobs=$2
            ;;
        --yes) assume_yes=1 ;;
        *) tool_arguments+=("${@:3}") ;;
    esac
}

# Any optimised build without sanitizers will do, also that of the tests.
usable_build() {
    [[ -e $build_dir/build.ninja &&
        $(cat "$build_dir/.admit-identity" 2>/dev/null) == "$(identity g++)" &&
        $(cat "$build_dir/.admit-options" 2>/dev/null) == "--buildtype=release -Db_sanitize=none "* ]]
}

up_to_date() { ninja -C "$build_dir" -n tools/load/admit-load 2>/dev/null | grep 'no work to do' >/dev/null; }

build() {
    local options
    if ! usable_build; then
        read -ra options <<<"$(build_options none false disabled)"
        configure "$build_dir" g++ "${options[@]}"
    fi
    up_to_date || logged "building the load tool" meson compile -C "$build_dir" -j "$jobs" admit-load
}

main() {
    parse "$@"
    need_build_tools g++ none
    need_load_tool
    install_missing
    build || exit 1
    exec "$build_dir/tools/load/admit-load" ${tool_arguments[@]+"${tool_arguments[@]}"}
}

main "$@"
