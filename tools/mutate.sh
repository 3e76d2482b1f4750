#!/usr/bin/env bash
# Breaks the engine in one place at a time, and says which model tests notice.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/mutate.sh [options]

Breaks a copy of the sources in one place at a time (a memory order one step
weaker, a look or a version left out, two steps swapped), builds the model
tests against it and lists the test cases that fail. See docs/reliability.md.

  --list            name the mutants and stop
  --only PATTERN    only mutants whose id contains this, or matches it as a
                    shell pattern (repeatable)
  --jobs N          try N mutants at once (default: 1)
  --quick           a short search alone, and not all of those who kill a mutant:
                    the first test that fails ends its trial
  --thorough        full bounds for all that survive the short search, also
                    for mutants whose survival is explained
  --json FILE       the results for machines
  --markdown FILE   the results as tables
  --compiler NAME   instead of g++
  --help            this text

Exit codes: 0 every mutant was killed or its survival is explained, 1 one
survived, or the table no longer fits the sources, 2 bad usage, 3 something is
missing.
HELP
}

arguments=()
while (($#)); do
    case $1 in
        --only | --jobs | --json | --markdown | --compiler)
            [[ -n ${2:-} ]] || usage_error "$1 needs a value"
            arguments+=("$1" "$2")
            shift
            ;;
        --only=* | --jobs=* | --json=* | --markdown=* | --compiler=*) arguments+=("$1") ;;
        --list | --quick | --thorough) arguments+=("$1") ;;
        --help) usage && exit 0 ;;
        *) usage_error "unknown option '$1'" ;;
    esac
    shift
done

have python3 || fail 3 "python3 is missing"
exec python3 "$ADMIT_ROOT/tools/mutate/mutate.py" --root "$ADMIT_ROOT" \
    ${arguments[@]+"${arguments[@]}"}
