#!/usr/bin/env bash
# Measures which lines and branches of the library the tests reach.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/coverage.sh [options]

Builds with clang's source-based coverage, runs the suites unit, async, stress
and history, and prints lines and branches of src and include as a table, with
everything that was not reached and the reason given in
tools/coverage/explained.txt.

  --update          also write the table into docs/reliability.md
  --no-run          use the profiles of the last run
  --jobs N          compile N files at once (default: one for each core)
  --yes             do not pause before installing
  --help            this text

Exit codes: 0 all that is not reached is explained, 1 something is not, or a
test failed, 2 bad usage, 3 something is missing that cannot be installed.
HELP
}

readonly llvm=19
readonly build_dir=$ADMIT_ROOT/build-coverage
update=()
run=1
jobs=$(nproc 2>/dev/null || echo 1)

parse() {
    while (($#)); do
        case $1 in
            --jobs)
                [[ ${2:-} =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--jobs ${2:-}: must be 1 to 9999"
                jobs=$2
                shift
                ;;
            --update) update=(--update "$ADMIT_ROOT/docs/reliability.md") ;;
            --no-run) run=0 ;;
            --yes) assume_yes=1 ;;
            --help) usage && exit 0 ;;
            *) usage_error "unknown option '$1'" ;;
        esac
        shift
    done
}

build() {
    local flags="-fprofile-instr-generate -fcoverage-mapping -fprofile-update=atomic -DADMIT_TEST_COVERAGE"
    local -x LLVM_PROFILE_FILE=/dev/null  # what is run to find out about the compiler
    # Assertions are not there to be reached.
    configure "$build_dir" "clang++-$llvm" -Doptimization=1 -Ddebug=false -Db_ndebug=true \
        -Dtests=enabled -Dtools=disabled "-Dcpp_args=$flags" "-Dcpp_link_args=$flags"
    mapfile -t programs < <(names)
    logged "building" meson compile -C "$build_dir" -j "$jobs" "${programs[@]}"
}

# The programs of the suites: unit_engine and so on.
names() {
    local suite source
    for suite in unit async stress; do
        for source in "$ADMIT_ROOT/tests/$suite"/*.cpp; do
            echo "${suite}_$(basename "$source" .cpp)"
        done
    done
    printf '%s\n' history_checker history_histories soak
}

run_tests() {
    rm -rf "$build_dir/profiles"
    LLVM_PROFILE_FILE=$build_dir/profiles/%4m.profraw meson test -C "$build_dir" --no-rebuild \
        --suite unit --suite async --suite stress --suite history --timeout-multiplier 10 >&2 || return 1
    "llvm-profdata-$llvm" merge -sparse "$build_dir"/profiles/*.profraw -o "$build_dir/all.profdata"
}

report() {
    local objects=() program
    for program in $(names); do
        objects+=(-object "$build_dir/tests/${program%%_*}/$program")
    done
    # The first one is a program, without its option.
    "llvm-cov-$llvm" export -instr-profile "$build_dir/all.profdata" "${objects[@]:1}" \
        "$ADMIT_ROOT/src" "$ADMIT_ROOT/include" >"$build_dir/coverage.json"
    python3 "$ADMIT_ROOT/tools/coverage/report.py" "$ADMIT_ROOT" "$build_dir/coverage.json" \
        ${update[@]+"${update[@]}"}
}

main() {
    parse "$@"
    need_build_tools "clang++-$llvm"
    need_test_tools
    need_command "llvm-cov-$llvm" "llvm-$llvm" "reads what clang's coverage has written"
    install_missing
    if ((run)); then
        build && run_tests || exit 1
    fi
    report
}

main "$@"
