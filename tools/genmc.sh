#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Runs the scenarios of tests/model/genmc under GenMC, a model checker from outside.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python mutate/genmc.py "$@"
