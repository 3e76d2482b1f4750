#!/usr/bin/env bash
# Everything at once, for as long as asked.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/soak.sh [options] MINUTES

Runs mixed load with waiters, cancellations, random changes of the limits,
expiries, threads that come and go and allocations that fail, in rounds of two
seconds. Between rounds all has to add up, and memory has to stay as it is. The
last line tells the rounds, the conversations and the mistakes.

  --sanitize KIND   address, thread, undefined or address,undefined
  --compiler NAME   instead of g++
  --jobs N          compile N files at once (default: one for each core)
  --yes             do not pause before installing
  --help            this text

Exit codes: 0 no mistake, 1 a mistake or the build failed, 2 bad usage, 3
something is missing that cannot be installed from here.
HELP
}

minutes=
sanitizer=none
compiler=g++
jobs=$(nproc 2>/dev/null || echo 1)

parse() {
    while (($#)); do
        case $1 in
            --sanitize | --compiler | --jobs)
                [[ -n ${2:-} ]] || usage_error "$1 needs a value"
                take "$1" "$2"
                shift
                ;;
            --*=*) take "${1%%=*}" "${1#*=}" ;;
            --yes) assume_yes=1 ;;
            --help) usage && exit 0 ;;
            -*) usage_error "unknown option '$1'" ;;
            *)
                [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "MINUTES $1: must be 1 to 99999"
                minutes=$1
                ;;
        esac
        shift
    done
    [[ -n $minutes ]] || usage_error "MINUTES is missing"
}

take() { # take OPTION VALUE
    case $1 in
        --sanitize)
            [[ $2 =~ ^(address|thread|undefined|address,undefined)$ ]] ||
                usage_error "--sanitize $2: must be address, thread, undefined or address,undefined"
            sanitizer=$2
            ;;
        --compiler)
            [[ $2 =~ ^(.*/)?(g|clang)\+\+(-[0-9.]+)?$ ]] ||
                usage_error "--compiler $2: must be g++, g++-N, clang++ or clang++-N"
            compiler=$2
            ;;
        --jobs)
            [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--jobs $2: must be 1 to 9999"
            jobs=$2
            ;;
        *) usage_error "unknown option '$1'" ;;
    esac
}

main() {
    parse "$@"
    need_build_tools "$compiler"
    need_test_tools
    install_missing
    local build_dir options before
    build_dir=$(default_build_dir "$compiler" "$sanitizer")
    read -ra options <<<"$(build_options "$sanitizer" false enabled)"
    [[ $(cat "$build_dir/.admit-options" 2>/dev/null) == "${options[*]/-Dwerror=false/-Dwerror=true}" ]] ||
        configure "$build_dir" "$compiler" "${options[@]}" || exit 1
    logged "building the program" meson compile -C "$build_dir" -j "$jobs" soak || exit 1
    read -ra before <<<"$(launcher "$sanitizer")"
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
    exec ${before[@]+"${before[@]}"} "$build_dir/tests/soak/soak" $((minutes * 60))
}

main "$@"
