#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds and runs the asynchronous tests against the Boost sources in a folder.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/check_asio.py "$@"
