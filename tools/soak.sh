#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Everything at once, for as long as asked.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/soak.py "$@"
