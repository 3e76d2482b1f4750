#!/usr/bin/env bash
# Installs what the site of the documentation needs, and builds it; the options
# and the steps are those of tools/docs/build.py.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

build() { python3 "$ADMIT_ROOT/tools/docs/build.py" "$@"; }

reason() { # reason PACKAGE
    case $1 in
        doxygen*) echo "makes the reference from the headers" ;;
        *) echo "makes the site from docs/" ;;
    esac
}

main() {
    local packages package
    if [[ " $* " == *" --help "* ]]; then
        build --help
        exit
    fi
    packages=$(build "$@" --missing) || exit $?
    for package in $packages; do
        need "$package" "$(reason "$package")"
    done
    # shellcheck disable=SC2034  # read by setup.sh
    [[ " $* " != *" --yes "* ]] || assume_yes=1
    install_missing
    build "$@"
}

main "$@"
