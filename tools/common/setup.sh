# shellcheck shell=bash
# Shared by the scripts in tools/: see what is missing, install it, configure,
# build. To be sourced. Everything said here goes to stderr, results to stdout.
#
# Exit codes of every script: 0 fine, 1 something failed, 2 bad usage, 3 the
# machine lacks something that cannot be installed from here.

ADMIT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly ADMIT_ROOT
readonly WANTED_BOOST=1.81
# Where Boost's headers go when installing them properly would remove others.
readonly PRIVATE_BOOST=$ADMIT_ROOT/build-boost

say() { printf '%s\n' "$*" >&2; }
fail() { # fail CODE MESSAGE...
    local code=$1
    shift
    say "error: $*"
    exit "$code"
}
# Asked once: apt-get runs with its input closed.
terminal=0
[[ ! -t 0 || ! -t 2 ]] || terminal=1
on_terminal() { ((terminal)); }
have() { command -v "$1" >/dev/null 2>&1; }

# usage_error MESSAGE: names the option, the value and what is allowed.
usage_error() {
    say "${0##*/}: $*"
    say "${0##*/} --help lists the options"
    exit 2
}

# --- What is missing --------------------------------------------------------

missing=() # packages
reasons=() # why each is needed, in the same order
boost_missing=0

need() { # need PACKAGE REASON
    local package
    for package in ${missing[@]+"${missing[@]}"}; do
        [[ $package != "$1" ]] || return 0
    done
    missing+=("$1")
    reasons+=("$2")
}
need_command() { # need_command COMMAND PACKAGE REASON
    have "$1" || need "$2" "$3"
}
need_header() { # need_header HEADER PACKAGE REASON
    local dir
    for dir in /usr/local/include /usr/include; do
        [[ ! -e $dir/$1 ]] || return 0
    done
    need "$2" "$3"
}

# Prints the version of Boost that dir/boost/version.hpp belongs to, as 1.81.
boost_version_in() {
    [[ -r $1/boost/version.hpp ]] || return 1
    sed -n 's/^#define BOOST_LIB_VERSION "\([0-9]*\)_\([0-9]*\).*/\1.\2/p' "$1/boost/version.hpp"
}
version_at_least() { # version_at_least HAVE WANTED
    [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# Sets BOOST_ROOT when the headers are not where meson looks by itself.
find_boost() {
    local version dir
    if [[ -n ${BOOST_ROOT:-} ]]; then
        version=$(boost_version_in "$BOOST_ROOT/include" || boost_version_in "$BOOST_ROOT" || true)
        [[ -n $version ]] && version_at_least "$version" "$WANTED_BOOST" && return 0
    fi
    for dir in /usr/local/include /usr/include; do
        version=$(boost_version_in "$dir" || true)
        [[ -n $version ]] && version_at_least "$version" "$WANTED_BOOST" && return 0
    done
    if [[ -e $PRIVATE_BOOST/usr/include/boost/version.hpp ]]; then
        export BOOST_ROOT=$PRIVATE_BOOST/usr
        return 0
    fi
    return 1
}

# The package that brings a C++ compiler of that name: clang++-19 -> clang-19.
compiler_package() {
    case ${1##*/} in
        g++ | g++-[0-9]*) echo "${1##*/}" ;;
        clang++) echo clang ;;
        clang++-[0-9]*) echo "clang-${1##*-}" ;;
        *) fail 3 "the compiler '$1' is not installed, and no package is known for it" ;;
    esac
}

# need_build_tools COMPILER: what every build needs.
need_build_tools() {
    local compiler=$1 package
    if ! have "$compiler"; then
        package=$(compiler_package "$compiler") || exit $?
        need "$package" "the compiler $compiler"
    fi
    # clang takes libstdc++ from g++, and the runtime of its sanitizers from a package.
    [[ $compiler != *clang* ]] || need_command g++ g++ "the C++ standard library"
    if [[ $compiler == *clang++-[0-9]* ]] &&
        ! compgen -G "/usr/lib/llvm-${compiler##*-}/lib/clang/*/lib/*/libclang_rt.asan*" >/dev/null; then
        need "libclang-rt-${compiler##*-}-dev" "the runtime of clang's sanitizers and fuzzer"
    fi
    need_command meson meson "configures the build"
    need_command ninja ninja-build "runs the build"
    need_command python3 python3 "the lint, and the count of the tests"
    need_command pkg-config pkg-config "finds libraries; the test of admit.pc"
    find_boost || boost_missing=1
}
need_tools() { # they are configured together, so they are needed together
    need_header CLI/CLI.hpp libcli11-dev "the command lines of the tools"
    need_header fmt/core.h libfmt-dev "the tables of the tools"
    need_header nlohmann/json.hpp nlohmann-json3-dev "the JSON reports of the tools"
    need_header mimalloc.h libmimalloc-dev "the allocator of the tools"
    need_header benchmark/benchmark.h libbenchmark-dev "measures in the benchmark"
}
need_test_tools() {
    need_tools
    need_header doctest/doctest.h doctest-dev "the test framework"
    need_command faketime faketime "the test that the wall clock jumps"
    tools_format_present || need clang-format-14 "the test that all code is formatted alike"
}
tools_format_present() {
    have clang-format-14 || { have clang-format && clang-format --version | grep 'version 14\.' >/dev/null; }
}

# --- Installing it ----------------------------------------------------------

assume_yes=0 # --yes
as_root=()

candidate_version() { # what apt would install; nothing when it knows no such package
    LC_ALL=C apt-cache policy "$1" 2>/dev/null |
        sed -n 's/^  Candidate: \(.*\)$/\1/p' | grep -v '(none)' || true
}

# Debian 12's default Boost is 1.74 and its 1.81 a package of its own; Ubuntu's
# default has been new enough since 24.04.
boost_package() {
    local package version
    for package in libboost1.81-dev libboost-dev \
        $(apt-cache pkgnames libboost1. 2>/dev/null | grep -E '^libboost1\.[0-9]+-dev$' | sort -V); do
        version=$(candidate_version "$package")
        if [[ -n $version ]] && version_at_least "$version" "$WANTED_BOOST"; then
            echo "$package"
            return 0
        fi
    done
    return 1
}

by_hand() { # what to tell somebody whose machine we cannot change
    local packages="${missing[*]-}"
    ((boost_missing)) && packages+=" libboost1.81-dev (or any Boost >= $WANTED_BOOST)"
    echo "Please install by hand (names as on Debian and Ubuntu): ${packages# }"
}

become_root() {
    if ((EUID == 0)); then
        return
    elif ! have sudo; then
        fail 3 "installing needs root, and there is no sudo. $(by_hand)"
    elif ! on_terminal && ! sudo -n true 2>/dev/null; then
        fail 3 "installing needs root, and sudo asks for a password. $(by_hand)"
    fi
    as_root=(sudo)
}

# announce COMMAND...: on a terminal the line is shown before it runs, with time
# to think better of it.
announce() {
    say "+ $*"
    if on_terminal && ! ((assume_yes)); then
        say "  (starts in 3 seconds; Ctrl-C stops it)"
        sleep 3
    fi
    "$@"
}
# Packages must not ask questions in the middle of a test run.
apt_get() {
    announce ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get "$@" >&2 </dev/null
}

lists_refreshed=0
refresh_lists() {
    ((lists_refreshed)) && return
    lists_refreshed=1
    say "apt's package lists lack something; refreshing them:"
    apt_get update || fail 3 "apt-get update failed. $(by_hand)"
}

# Everything wanted has a candidate; lists are only refreshed if they are stale.
resolve_packages() {
    local package
    for package in ${missing[@]+"${missing[@]}"}; do
        [[ -n $(candidate_version "$package") ]] || refresh_lists
    done
    if ((boost_missing)); then
        package=$(boost_package) || { refresh_lists && package=$(boost_package); } ||
            fail 3 "this release has no Boost >= $WANTED_BOOST (Debian 12 and Ubuntu 24.04 do)." \
                "Set BOOST_ROOT to one, or: $(by_hand)"
        if [[ -n $(removed_by "$package") ]]; then
            unpack_boost "$package"
        else
            need "$package" "Boost's headers, at least $WANTED_BOOST (Asio, System, Lockfree)"
        fi
        boost_missing=0
    fi
    # A newer release may not have the old clang-format: its test is then skipped.
    if [[ " ${missing[*]-} " == *" clang-format-14 "* && -z $(candidate_version clang-format-14) ]]; then
        say "note: no package clang-format-14 here; the format test will be skipped"
        drop_missing clang-format-14
    fi
}
drop_missing() {
    local i kept=() kept_reasons=()
    for i in "${!missing[@]}"; do
        [[ ${missing[i]} == "$1" ]] && continue
        kept+=("${missing[i]}")
        kept_reasons+=("${reasons[i]}")
    done
    missing=(${kept[@]+"${kept[@]}"})
    reasons=(${kept_reasons[@]+"${kept_reasons[@]}"})
}

# The installed packages that installing these would remove.
removed_by() {
    LC_ALL=C apt-get install -s -y --no-install-recommends "$@" 2>/dev/null |
        sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ' || true
}

# Debian's Boost versions exclude each other. Somebody's older Boost stays: we
# need headers alone, so they are unpacked beside the build.
unpack_boost() {
    say "installing $1 would remove: $(removed_by "$1")"
    say "so its headers are unpacked into ${PRIVATE_BOOST#"$ADMIT_ROOT"/}/ instead"
    rm -rf "$PRIVATE_BOOST"
    mkdir -p "$PRIVATE_BOOST"
    (cd "$PRIVATE_BOOST" && announce apt-get download "$1" >&2 && dpkg -x ./*.deb . && rm -f ./*.deb) ||
        fail 3 "could not fetch $1"
    export BOOST_ROOT=$PRIVATE_BOOST/usr
}

# install_missing: does nothing, and asks apt nothing, when all is there.
install_missing() {
    ((${#missing[@]} + boost_missing)) || return 0
    have apt-get || fail 3 "something is missing, and this is no system with apt-get. $(by_hand)"
    become_root
    resolve_packages
    ((${#missing[@]})) || return 0

    local i removed
    say "Missing on this machine:"
    for i in "${!missing[@]}"; do
        printf '  %-22s %s\n' "${missing[i]}" "${reasons[i]}" >&2
    done
    removed=$(removed_by "${missing[@]}")
    [[ -z $removed ]] || fail 3 "installing them would remove: $removed. $(by_hand)"
    local install=(install -y --no-install-recommends "${missing[@]}")
    apt_get "${install[@]}" && return
    # The usual reason is a list that names files the mirror no longer has.
    ((lists_refreshed)) && fail 3 "apt-get could not install them. $(by_hand)"
    refresh_lists
    apt_get "${install[@]}" || fail 3 "apt-get could not install them. $(by_hand)"
}

# --- Configuring and building -----------------------------------------------

# logged WHAT COMMAND...: on a terminal the output is live; otherwise it is kept
# back, and shown only when the command fails.
logged() {
    local what=$1 log status=0
    shift
    if [[ -t 2 ]]; then
        "$@" >&2 || status=$?
    else
        log=$(mktemp)
        "$@" >"$log" 2>&1 || status=$?
        ((status == 0)) || cat "$log" >&2
        rm -f "$log"
    fi
    ((status == 0)) || say "error: $what failed"
    return "$status"
}

# What a build directory was made from: another checkout, compiler or Boost
# means starting again, other options only configuring again.
identity() { # identity COMPILER
    echo "$ADMIT_ROOT"
    "$1" --version | head -n 1
    meson --version
    echo "boost ${BOOST_ROOT:-}"
}

# configure DIR COMPILER OPTION...: makes DIR a build directory with these
# options, from whatever it is now.
configure() {
    local dir=$1 compiler=$2 made_by
    shift 2
    made_by=$(identity "$compiler")
    if [[ -d $dir && -n $(ls -A "$dir") ]]; then
        [[ -d $dir/meson-private || -e $dir/.admit-identity ]] ||
            fail 2 "--build-dir $dir is not empty, and no build directory"
        if [[ $(cat "$dir/.admit-identity" 2>/dev/null) == "$made_by" && -e $dir/build.ninja ]]; then
            [[ $(cat "$dir/.admit-options" 2>/dev/null) != "$*" ]] || return 0
            if logged "configuring again" meson setup --reconfigure "$dir" "$ADMIT_ROOT" "$@"; then
                echo "$*" >"$dir/.admit-options"
                return 0
            fi
        fi
        say "$dir is of another build; starting it again"
        rm -rf "$dir"
    fi
    logged "configuring" env CXX="$compiler" meson setup "$dir" "$ADMIT_ROOT" "$@" || return 1
    echo "$made_by" >"$dir/.admit-identity"
    echo "$*" >"$dir/.admit-options"
}

# The options of a build, all of them said, so that configuring again undoes
# what an earlier call asked for.
build_options() { # build_options SANITIZER WERROR TESTS
    local type=release
    # Sanitizers want frames and assertions more than the last bit of speed.
    [[ $1 == none ]] || type=debugoptimized
    echo "--buildtype=$type -Db_sanitize=$1 -Db_lundef=false -Dwerror=$2 -Dtests=$3 -Dtools=enabled"
}

default_build_dir() { # default_build_dir COMPILER SANITIZER
    local dir=$ADMIT_ROOT/build
    [[ $1 == g++ ]] || dir+=-${1##*/}
    [[ $2 == none ]] || dir+=-${2/,/-}
    echo "$dir"
}

# What has to stand before a program built with that sanitizer. ThreadSanitizer's
# shadow memory collides with the addresses that newer kernels randomise; without
# randomisation it never does. Where that is not allowed (in some containers) it
# has to go without.
launcher() { # launcher SANITIZER
    if [[ $1 == thread ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
        echo "setarch $(uname -m) -R"
    fi
}
