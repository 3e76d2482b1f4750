#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Starts an IRC server and admit-ircbot on this machine for a person with an IRC client.
set -euo pipefail
# shellcheck source=tools/common/python.sh
source "$(dirname "${BASH_SOURCE[0]}")/common/python.sh"
run_python bot/run_demo.py "$@"
