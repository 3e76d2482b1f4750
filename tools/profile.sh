#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Shows where the time of a load scenario or of a figure of the benchmark goes.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/run_profile.py "$@"
