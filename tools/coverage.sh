#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Measures which lines and branches of the library the tests reach.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python coverage/coverage.py "$@"
