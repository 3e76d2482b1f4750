# shellcheck shell=bash
# Shared by the scripts that build a tool and hand their options on to it. To be
# sourced after setup.sh. Who sources this defines usage(), which lists all
# options, the tool's and the script's; a tidy test compares that list with the
# tool's own. So --help answers, and a typo is told, before anything is installed.

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

# A script with options of its own replaces this: 0 when OPTION was one.
take_own() { return 1; } # take_own OPTION VALUE

# shellcheck disable=SC2034  # assume_yes is read by setup.sh
take() { # take OPTION VALUE WORDS...: ours is kept, the tool's passed on as written
    take_own "$1" "$2" && return
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

up_to_date() { ninja -C "$build_dir" -n "$1" 2>/dev/null | grep 'no work to do' >/dev/null; }

build_tool() { # build_tool PATH: tools/PATH in the build directory
    local options
    if ! usable_build; then
        read -ra options <<<"$(build_options none false disabled)"
        configure "$build_dir" g++ "${options[@]}" || return 1
    fi
    up_to_date "tools/$1" || logged "building ${1##*/}" ninja -C "$build_dir" -j "$jobs" "tools/$1"
}
