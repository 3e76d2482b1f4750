#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Installs what the tests need, builds them, runs them, and prints the counts.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/run_tests.py "$@"
