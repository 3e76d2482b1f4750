#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Installs what the site of the documentation needs, and builds it.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python docs/build.py "$@"
