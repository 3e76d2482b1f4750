#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds the packages of Debian in a temporary folder, installs, tries and removes them.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common/python.sh"
run_python packaging/debian_packages.py "$@"
