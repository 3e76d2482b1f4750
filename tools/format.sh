#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Formats the project's C++ with the one clang-format that is the measure here.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/format.py "$@"
