#!/usr/bin/env bash
# Runs the scenarios of tests/model/genmc under GenMC, a model checker from outside.
set -euo pipefail
# shellcheck source=tools/common/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/setup.sh"

usage() {
    cat <<'HELP'
usage: tools/genmc.sh --genmc PROGRAM [options]

Runs the scenarios of tests/model/genmc, which use the headers of src/core as
they are, under GenMC. How to get it is in tests/checker/README.md; nothing is
installed from here.

  --genmc PROGRAM   the genmc that was built
  --only TEXT       only scenarios whose name contains this (repeatable)
  --planted         also plants the mistakes that each scenario lists, one at a
                    time: GenMC has to find each of them
  --memory MODEL    rc11, the one of C++20 (default), or imm, one of hardware
  --seconds N       what one run may take (default: 600)
  --help            this text

Exit codes: 0 no mistake was found but those that were planted, 1 one was, or a
planted one was not, 2 bad usage, 3 something is missing.
HELP
}

arguments=()
while (($#)); do
    case $1 in
        --genmc | --only | --memory | --seconds)
            [[ -n ${2:-} ]] || usage_error "$1 needs a value"
            arguments+=("$1" "$2")
            shift
            ;;
        --genmc=* | --only=* | --memory=* | --seconds=*) arguments+=("$1") ;;
        --planted) arguments+=("$1") ;;
        --help) usage && exit 0 ;;
        *) usage_error "unknown option '$1'" ;;
    esac
    shift
done
[[ " ${arguments[*]-}" == *" --genmc"* ]] || usage_error "--genmc PROGRAM says where GenMC is"

have python3 || fail 3 "python3 is missing"
exec python3 "$ADMIT_ROOT/tools/mutate/genmc.py" --root "$ADMIT_ROOT" "${arguments[@]}"
