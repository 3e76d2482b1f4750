#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Runs the fuzz targets for as long as asked, each beginning with its corpus.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/fuzz.py "$@"
