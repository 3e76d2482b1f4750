#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""tools/packaging/test.sh, as a test of the suite; only with --full."""

import os
import shutil
import subprocess
import sys

SKIPPED = 77
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

if __name__ == '__main__':
    if os.environ.get('ADMIT_FULL') != '1' or shutil.which('dpkg') is None or os.geteuid() != 0:
        print('only with --full, as root, on a system with dpkg')
        sys.exit(SKIPPED)
    sys.exit(subprocess.run([os.path.join(ROOT, 'tools/packaging/test.sh'), '--yes']).returncode)
