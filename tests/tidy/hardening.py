#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A release build of a tool is hardened.

    hardening.py PROGRAM
"""

import subprocess
import sys


def read(*options):
    return subprocess.run(['readelf', '--wide', *options, sys.argv[1]], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


CHECKS = {
    'loaded at a random address (PIE)': lambda: 'DYN (' in read('--file-header'),
    'all symbols bound at the start (BIND_NOW)': lambda: 'NOW' in read('--dynamic'),
    'its tables read-only afterwards (RELRO)': lambda: 'GNU_RELRO' in read('--segments'),
    'no stack that can be executed': lambda: all(
        'E' not in line.split('GNU_STACK')[1] for line in read('--segments').split('\n')
        if 'GNU_STACK' in line and '0x' in line),
    'guarded stack frames': lambda: '__stack_chk_fail' in read('--symbols'),
    'checked copies (FORTIFY_SOURCE)': lambda: '_chk@' in read('--symbols').replace(
        '__stack_chk_fail', ''),
}


def main():
    failures = 0
    for what, holds in CHECKS.items():
        right = holds()
        failures += not right
        print('ok    ' if right else 'FAILED', what)
    return 1 if failures else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    sys.exit(main())
