#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Breaks the engine in one place at a time, and says which model tests notice.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python mutate/mutate.py "$@"
