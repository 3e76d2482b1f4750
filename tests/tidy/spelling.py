#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The pages and the library have no misspelling that codespell knows.

    spelling.py ROOT
"""

import os
import shutil
import subprocess
import sys

SKIPPED = 77
PLACES = ('docs', 'include', 'src', 'README.md')
IGNORED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'spelling_ignored.txt')


def misspellings(root, *places, text=None):
    done = subprocess.run(['codespell', '--ignore-words', IGNORED, *places], cwd=root, text=True,
                          input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode != 0, done.stdout


if __name__ == '__main__':
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit(__doc__)
    if not shutil.which('codespell'):
        print('skipped: codespell is not installed (package codespell)')
        sys.exit(SKIPPED)
    if not misspellings(sys.argv[1], '-', text='to recieve\n')[0]:
        sys.exit('codespell does not see a planted misspelling')
    found, report = misspellings(sys.argv[1], *PLACES)
    print(report, end='')
    print('misspelled words' if found else 'no misspelled word')
    sys.exit(1 if found else 0)
