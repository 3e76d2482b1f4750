#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Counts what really ran: `N passed, N failed` from meson's testlog.json.

    count_tests.py TESTLOG

A doctest program counts as its test cases, read from the summary that it
prints; any other test, and one that died before its summary, counts as one.
Skipped tests are neither passed nor failed; they are named on stderr.
Exit code: 0 if something ran and nothing failed, otherwise 1.
"""

import json
import re
import sys

ANSI = re.compile(r'\x1b\[[0-9;]*m')
SUMMARY = re.compile(r'^\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed', re.M)
PASSED = {'OK', 'EXPECTEDFAIL'}
SKIPPED = {'SKIP', 'IGNORED'}


def count(test):
    """(passed, failed) of one entry of the log."""
    result = test['result']
    if result in SKIPPED:
        return 0, 0
    summaries = SUMMARY.findall(ANSI.sub('', test.get('stdout') or ''))
    passed = sum(int(s[1]) for s in summaries)
    failed = sum(int(s[2]) for s in summaries)
    if result not in PASSED:
        # Something failed, whatever the summary says: a crash, a leak at exit.
        return passed, max(failed, 1)
    if not summaries:
        return 1, 0
    if passed + failed == 0:
        print(f'{test["name"]}: ran no test case, which proves nothing', file=sys.stderr)
        return 0, 1
    return passed, failed


def total(path):
    """(passed, failed) of the whole log; (0, 0) without a log. Names on stderr what did not pass."""
    passed = failed = 0
    try:
        with open(path, encoding='utf-8') as log:
            tests = [json.loads(line) for line in log if line.strip()]
    except OSError:
        tests = []
    for test in tests:
        if test['result'] in SKIPPED:
            print(f'skipped: {test["name"]}', file=sys.stderr)
        more_passed, more_failed = count(test)
        if more_failed:
            print(f'failed: {test["name"]} ({test["result"]})', file=sys.stderr)
        passed += more_passed
        failed += more_failed
    return passed, failed


def main(path):
    passed, failed = total(path)
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
