#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# The source archive of this version, the same bytes each time.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python packaging/make_dist.py "$@"
