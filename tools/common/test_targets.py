#!/usr/bin/env python3
"""Names what ninja has to build for some suites of tests, one file on a line.

    test_targets.py BUILD_DIR SUITE...

BUILD_DIR is configured. The names are relative to it, as ninja wants them.
"""

import json
import os
import subprocess
import sys


def introspect(build, what):
    return json.loads(subprocess.check_output(['meson', 'introspect', build, what], text=True))


def main(build, suites):
    # meson says PROJECT:SUITE.
    wanted = {target for test in introspect(build, '--tests')
              if any(suite.rpartition(':')[2] in suites for suite in test['suite'])
              for target in test['depends']}
    for target in introspect(build, '--targets'):
        if target['id'] in wanted:
            for name in target['filename']:
                print(os.path.relpath(name, os.path.abspath(build)))


if __name__ == '__main__':
    if len(sys.argv) < 3:
        print(__doc__)
        sys.exit(2)
    main(sys.argv[1], set(sys.argv[2:]))
