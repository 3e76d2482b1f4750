#!/usr/bin/env bash
# Runs the fuzz targets for as long as asked, each beginning with its corpus.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/fuzz.sh [options] [TARGET...]

Builds the fuzz targets with clang (libFuzzer, AddressSanitizer,
UndefinedBehaviorSanitizer) and runs each for some minutes, beginning with the
corpus in tests/fuzz. TARGET: engine, user_ids or command_line (default: all).

  --minutes M       for each target (default: 10)
  --update          afterwards the corpus becomes the fewest inputs, of it and
                    of what was found, that reach everything
  --compiler NAME   instead of clang++-19
  --jobs N          compile N files at once (default: one for each core)
  --yes             do not pause before installing
  --help            this text

An input that fails stays in build-*/fuzz/, and is printed in hexadecimal: add
it to the target's corpus, one line, and it is tried in every run of the tests.

Exit codes: 0 nothing was found, 1 an input failed or the build did, 2 bad
usage, 3 something is missing that cannot be installed from here.
HELP
}

minutes=10
update=0
compiler=clang++-19
jobs=$(nproc 2>/dev/null || echo 1)
targets=()

parse() {
    while (($#)); do
        case $1 in
            --minutes | --compiler | --jobs)
                [[ -n ${2:-} ]] || usage_error "$1 needs a value"
                take "$1" "$2"
                shift
                ;;
            --*=*) take "${1%%=*}" "${1#*=}" ;;
            --update) update=1 ;;
            --yes) assume_yes=1 ;;
            --help) usage && exit 0 ;;
            engine | user_ids | command_line) targets+=("$1") ;;
            -*) usage_error "unknown option '$1'" ;;
            *) usage_error "unknown target '$1': must be engine, user_ids or command_line" ;;
        esac
        shift
    done
    ((${#targets[@]})) || targets=(engine user_ids command_line)
}

take() { # take OPTION VALUE
    case $1 in
        --minutes)
            [[ $2 =~ ^[0-9]{1,4}(\.[0-9])?$ && ! $2 =~ ^0+(\.0)?$ ]] ||
                usage_error "--minutes $2: must be 0.1 to 9999"
            minutes=$2
            ;;
        --compiler)
            [[ $2 =~ ^(.*/)?clang\+\+(-[0-9.]+)?$ ]] ||
                usage_error "--compiler $2: must be clang++ or clang++-N"
            compiler=$2
            ;;
        --jobs)
            [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--jobs $2: must be 1 to 9999"
            jobs=$2
            ;;
        *) usage_error "unknown option '$1'" ;;
    esac
}

# The build of the tests by this compiler will do, as it is.
build() {
    local options
    build_dir=$ADMIT_ROOT/build-${compiler##*/}
    if [[ $(cat "$build_dir/.admit-options" 2>/dev/null) != "--buildtype=release -Db_sanitize=none "* ]]; then
        read -ra options <<<"$(build_options none false enabled)"
        configure "$build_dir" "$compiler" "${options[@]}"
    fi
    logged "building the fuzz targets" meson compile -C "$build_dir" -j "$jobs" \
        "${targets[@]/#/fuzz_}"
}

fuzz() { # fuzz TARGET: true when nothing was found
    local corpus=$ADMIT_ROOT/tests/fuzz/$1.corpus found_in=$build_dir/fuzz/$1 run status=0
    mkdir -p "$found_in"
    run=(python3 "$ADMIT_ROOT/tests/fuzz/run.py" "$build_dir/tests/fuzz/fuzz_$1" "$corpus")
    say "=== $1: $minutes minutes"
    "${run[@]}" --minutes "$minutes" --found "$found_in" --artifacts "$build_dir/fuzz" || status=1
    ((update == 0 || status != 0)) || "${run[@]}" --merge "$found_in" || status=1
    return "$status"
}

main() {
    parse "$@"
    need_build_tools "$compiler"
    need_test_tools
    install_missing
    build || exit 1
    local target failed=0
    for target in "${targets[@]}"; do
        fuzz "$target" || failed=1
    done
    exit "$failed"
}

main "$@"
