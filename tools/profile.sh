#!/usr/bin/env bash
# Shows where the time of a load scenario or of a figure of the benchmark goes.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/profile.sh NAME [options]

Builds with frame pointers, in a build directory of its own, and profiles NAME:
a scenario of admit-load (--list names them) or a single figure of admit-bench,
such as string/admit/1. The profiler is perf where the kernel allows it,
otherwise gperftools.

Leaves in a folder: flame.svg, to be opened in a browser; hottest.txt, the
functions in which the time goes; counters.txt, instructions, branches and cache
misses for each operation. The last two are printed as well.

  --operations N    how many operations each thread does (figures only)
  --with TOOL       perf or gperftools, instead of the choice above
  --out DIR         instead of build-profile/profiles/NAME
  --build-dir DIR   instead of build-profile/
  --jobs N          compile N files at once (default: one for each core)
  --list            name what can be profiled, and stop
  --yes             do not pause before installing
  --help            this text

Exit codes: 0 done, 1 the build or the run failed, 2 bad usage, 3 something is
missing that cannot be installed from here.
HELP
}

name=
operations=
profiler=
out=
build_dir=$ADMIT_ROOT/build-profile
jobs=$(nproc 2>/dev/null || echo 1)
list=0

parse() {
    while (($#)); do
        case $1 in
            --operations | --with | --out | --build-dir | --jobs)
                [[ -n ${2:-} ]] || usage_error "$1 needs a value"
                take "$1" "$2"
                shift
                ;;
            --*=*) take "${1%%=*}" "${1#*=}" ;;
            --list) list=1 ;;
            --yes) assume_yes=1 ;;
            --help) usage && exit 0 ;;
            -*) usage_error "unknown option '$1'" ;;
            *)
                [[ -z $name ]] || usage_error "$1: one NAME at a time; '$name' was given before"
                name=$1
                ;;
        esac
        shift
    done
    [[ -n $name ]] || ((list)) || usage_error "a NAME is needed; --list shows them"
}

take() { # take OPTION VALUE
    case $1 in
        --operations)
            [[ $2 =~ ^[1-9][0-9]{0,11}$ ]] || usage_error "--operations $2: must be a whole number from 1 to 999999999999"
            operations=$2
            ;;
        --with)
            [[ $2 =~ ^(perf|gperftools)$ ]] || usage_error "--with $2: must be perf or gperftools"
            profiler=$2
            ;;
        --jobs)
            [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || usage_error "--jobs $2: must be 1 to 9999"
            jobs=$2
            ;;
        --out) out=$2 ;;
        --build-dir) build_dir=$2 ;;
        *) usage_error "unknown option '$1'" ;;
    esac
}

build() {
    local options
    read -ra options <<<"$(build_options none false disabled) -Ddebug=true -Dcpp_args=-fno-omit-frame-pointer"
    configure "$build_dir" g++ "${options[@]}" || return 1
    logged "building" ninja -C "$build_dir" -j "$jobs" tools/bench/admit-bench tools/load/admit-load
}

scenarios() { "$build_dir/tools/load/admit-load" --list | sed 's/ .*//'; }
figures() { "$build_dir/tools/bench/admit-bench" --list | sed -n 's|^ *\([^ ]*/[a-z]*/[0-9]*\).*|\1|p'; }

require_name() {
    { scenarios && figures; } | grep -Fx -- "$name" >/dev/null ||
        usage_error "$name: no scenario and no figure is called so; --list shows them"
}

main() {
    parse "$@"
    need_build_tools g++
    need_tools
    need_command valgrind valgrind "counts instructions and cache misses"
    need_command google-pprof google-perftools "profiles where perf may not"
    [[ -e /usr/share/perl5/Devel/NYTProf/flamegraph.pl ]] || need libdevel-nytprof-perl "draws flame graphs"
    install_missing
    build || exit 1
    if ((list)); then
        scenarios && figures
        exit 0
    fi
    require_name
    exec python3 "$ADMIT_ROOT/tools/profile/profile.py" --build-dir "$build_dir" \
        --out "${out:-$build_dir/profiles/${name//[\/:]/-}}" \
        ${operations:+--operations "$operations"} ${profiler:+--with "$profiler"} "$name"
}

main "$@"
