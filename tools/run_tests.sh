#!/usr/bin/env bash
# Installs what the tests need, builds them, runs them, and prints the counts.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/run_tests.sh [options]

Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds everything
and runs the tests. The last line is `N passed, N failed`.

  --suite NAME      only this suite: unit, async, tidy, model, stress, history,
                    load, bench or fuzz (repeatable)
  --quick           without the suite load, which takes a minute or two
  --sanitize KIND   address, thread, undefined or address,undefined, in a build
                    directory of its own
  --compiler NAME   g++ (default), clang++-19 ..., in a build directory of its own
  --werror          warnings are errors
  --build-dir DIR   instead of build/
  --jobs N          compile N files at once (default: one for each core)
  --install         install what is missing, and stop
  --yes             do not pause before installing
  --help            this text

Exit codes: 0 all passed, 1 a test or the build failed, or no test ran, 2 bad
usage, 3 something is missing that cannot be installed from here.
HELP
}

suites=()
quick=0
only_install=0
sanitizer=none
compiler=g++
werror=false
build_dir=
jobs=$(nproc 2>/dev/null || echo 1)

parse() {
    while (($#)); do
        case $1 in
            --suite | --sanitize | --compiler | --build-dir | --jobs)
                [[ -n ${2:-} ]] || usage_error "$1 needs a value"
                take "$1" "$2"
                shift
                ;;
            --*=*) take "${1%%=*}" "${1#*=}" ;;
            --quick) quick=1 ;;
            --werror) werror=true ;;
            --install) only_install=1 ;;
            --yes) assume_yes=1 ;;
            --help) usage && exit 0 ;;
            *) usage_error "unknown option '$1'" ;;
        esac
        shift
    done
}

take() { # take OPTION VALUE
    case $1 in
        --suite)
            [[ $2 =~ ^(unit|async|tidy|model|stress|history|load|bench|fuzz)$ ]] ||
                usage_error "--suite $2: must be unit, async, tidy, model, stress, history, load, bench or fuzz"
            suites+=("$2")
            ;;
        --sanitize)
            [[ $2 =~ ^(address|thread|undefined|address,undefined)$ ]] ||
                usage_error "--sanitize $2: must be address, thread, undefined or address,undefined"
            sanitizer=$2
            ;;
        --jobs)
            [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--jobs $2: must be 1 to 9999"
            jobs=$2
            ;;
        --compiler)
            [[ $2 =~ ^(.*/)?(g|clang)\+\+(-[0-9.]+)?$ ]] ||
                usage_error "--compiler $2: must be g++, g++-N, clang++ or clang++-N"
            compiler=$2
            ;;
        --build-dir) build_dir=$2 ;;
        *) usage_error "unknown option '$1'" ;;
    esac
}

# A build that fails is one failure, in the counts too.
build_failed() {
    say "the build failed, which counts as one failure"
    echo "0 passed, 1 failed"
    exit 1
}

build() {
    local options
    read -ra options <<<"$(build_options "$sanitizer" "$werror" enabled)"
    configure "$build_dir" "$compiler" "${options[@]}" || build_failed
    # Of some suites only what they need: most of the time goes into the build.
    local targets=(all)
    if ((${#suites[@]})); then
        mapfile -t targets < <(python3 "$ADMIT_ROOT/tools/common/test_targets.py" "$build_dir" "${suites[@]}")
        ((${#targets[@]})) || return 0
    fi
    ninja -C "$build_dir" -j "$jobs" "${targets[@]}" || build_failed
}

run() {
    local select=() suite status=0 before
    for suite in ${suites[@]+"${suites[@]}"}; do
        select+=(--suite "$suite")
    done
    ((quick)) && select+=(--no-suite load)
    read -ra before <<<"$(launcher "$sanitizer")"

    # Whatever happens, the counts are of this run.
    rm -f "$build_dir/meson-logs/testlog.json"
    ${before[@]+"${before[@]}"} meson test -C "$build_dir" --no-rebuild --print-errorlogs \
        ${select[@]+"${select[@]}"} || status=$?
    local counts counted=0
    counts=$(python3 "$ADMIT_ROOT/tools/common/count_tests.py" "$build_dir/meson-logs/testlog.json") || counted=1
    [[ $counts != "0 passed, 0 failed" ]] || say "no test ran"
    echo "$counts"
    ((status == 0 && counted == 0)) || exit 1
}

main() {
    parse "$@"
    [[ -n $build_dir ]] || build_dir=$(default_build_dir "$compiler" "$sanitizer")
    need_build_tools "$compiler"
    need_test_tools
    install_missing
    ((only_install)) && exit 0
    build
    run
}

main "$@"
