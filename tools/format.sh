#!/usr/bin/env bash
# Formats the project's C++ with the one clang-format that is the measure here.
# Versions disagree (14 and 19 about `requires`), so exactly one counts: 14,
# which Debian 12 installs as `clang-format` and Ubuntu as `clang-format-14`.
set -euo pipefail

readonly version=14

usage() {
    cat <<'HELP'
usage: tools/format.sh [--check]

Formats every .cpp and .hpp under include, src, tests and tools in place.

  --check   change nothing; show what would change, and exit 1 if anything would
  --help    this text

Exit codes: 0 done or clean, 1 not formatted, 2 bad usage, 77 no clang-format 14.
HELP
}

# The test suite skips the check (77) where this version is not to be had.
find_clang_format() {
    local name
    for name in "clang-format-$version" clang-format; do
        if command -v "$name" >/dev/null && "$name" --version | grep "version $version\." >/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "clang-format $version is not installed (package clang-format-$version)" >&2
    exit 77
}

main() {
    local check=0
    while (($#)); do
        case $1 in
            --check) check=1 ;;
            --help) usage && exit 0 ;;
            *) echo "format.sh: unknown option '$1'; --help lists them" >&2 && exit 2 ;;
        esac
        shift
    done
    cd "$(dirname "${BASH_SOURCE[0]}")/.."

    local tool files how=(-i)
    tool=$(find_clang_format)
    ((check)) && how=(--dry-run -Werror)
    mapfile -d '' files < <(find include src tests tools docs \( -name '*.cpp' -o -name '*.hpp' \) -type f -print0 | sort -z)
    if ! "$tool" "${how[@]}" "${files[@]}"; then
        echo "tools/format.sh repairs this" >&2
        exit 1
    fi
}

main "$@"
