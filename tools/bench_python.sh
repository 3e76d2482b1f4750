#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Measures the Python package beside what asyncio bots use without it.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python python/bench.py "$@"
