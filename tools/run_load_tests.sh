#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Installs what the load tool needs, builds it, and runs it with the arguments given here.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/run_tool.py load "$@"
