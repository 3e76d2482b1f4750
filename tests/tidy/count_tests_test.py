#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The counts that tools/run_tests.sh prints are those of the tests that ran."""

import json
import os
import subprocess
import sys
import tempfile

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/common/count_tests.py')


def doctest(ran, passed, failed):
    return (f'noise\n[doctest] test cases: {ran:>3} | {passed:>3} passed | {failed} failed | 1 skipped'
            '\n[doctest] assertions: 9 | 9 passed | 0 failed |\n')


CASES = [  # result and output of each test, the line wanted, the exit code wanted
    ([], '0 passed, 0 failed', 1),
    ([('OK', '')], '1 passed, 0 failed', 0),
    ([('OK', doctest(12, 12, 0)), ('OK', None)], '13 passed, 0 failed', 0),
    ([('FAIL', doctest(12, 10, 2))], '10 passed, 2 failed', 1),
    ([('FAIL', doctest(12, 12, 0))], '12 passed, 1 failed', 1),  # a leak found at exit
    ([('OK', doctest(3, 2, 1))], '2 passed, 1 failed', 1),  # an exit code got lost
    ([('TIMEOUT', 'noise')], '0 passed, 1 failed', 1),
    ([('ERROR', '')], '0 passed, 1 failed', 1),
    ([('INTERRUPT', ''), ('UNEXPECTEDPASS', '')], '0 passed, 2 failed', 1),
    ([('SKIP', ''), ('OK', '')], '1 passed, 0 failed', 0),
    ([('SKIP', '')], '0 passed, 0 failed', 1),
    ([('OK', doctest(0, 0, 0))], '0 passed, 1 failed', 1),  # a filter that picks nothing
    ([('OK', '\x1b[0;36m[doctest] \x1b[0mtest cases: 2 | \x1b[0;32m2 passed\x1b[0m | 0 failed\n')],
     '2 passed, 0 failed', 0),
]


def run(tests):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        for result, output in tests:
            log.write(json.dumps({'name': 'a test', 'result': result, 'stdout': output}) + '\n')
        log.flush()
        done = subprocess.run([sys.executable, SCRIPT, log.name], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.stdout.strip(), done.returncode


failures = 0
for given, line, code in CASES:
    seen = run(given)
    if seen != (line, code):
        print(f'{given}: expected {(line, code)}, saw {seen}')
        failures += 1
missing = subprocess.run([sys.executable, SCRIPT, '/nonexistent'], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
if (missing.stdout.strip(), missing.returncode) != ('0 passed, 0 failed', 1):
    print(f'no log: saw {missing}')
    failures += 1
print(f'{len(CASES) + 1} cases, {failures} failures')
sys.exit(1 if failures else 0)
