#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds the library for other compilers, processors and systems, and runs tests where they can run.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/platforms.py "$@"
