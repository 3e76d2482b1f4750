#!/usr/bin/env bash
# Runs the fuzz targets for as long as asked, each beginning with its corpus.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python common/fuzz.py "$@"
