#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds the wheel of the Python package.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python packaging/build_wheel.py "$@"
