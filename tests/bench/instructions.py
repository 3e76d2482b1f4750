#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Counts the instructions of one operation. Other work on the machine does not change them.

    instructions.py [--build KIND] --compiler NAME BENCH     compare with instructions.json
    instructions.py --write --compiler NAME BENCH            write the counts to instructions.json

BENCH is the path of admit-bench, NAME its compiler (gcc-12). The test is skipped (77) without
valgrind, in a build that is not a release, and for compilers without expected counts. Use --write
after a change that costs or saves instructions on purpose.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'instructions.json')
FIGURES = ['key/admit/1', 'string/admit/1', 'full/admit/1', 'user-limit/admit/1', 'touch/admit/1']
OPERATIONS = 20_000
# Ids are hashed with a random key. Each lane in front of the user's lane in its bucket costs seven
# instructions. So the lowest of several counts is used; the tolerance covers the remaining cases.
RUNS = 5
TOLERANCE = 0.03
SKIPPED = 77


def count_once(bench, figure):
    done = subprocess.run(
        ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
         '--toggle-collect=*bench::loop*run(*',
         bench, '--run', figure, '--operations', str(OPERATIONS)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    collected = re.search(r'Collected : (\d+)', done.stdout)
    if done.returncode != 0 or not collected:
        sys.exit(f'counting {figure} failed:\n{done.stdout}')
    return int(collected.group(1)) / OPERATIONS


def count(bench, figure, enough=0):
    """The lowest count of several runs. Stops early at a count of at most `enough`."""
    lowest = count_once(bench, figure)
    for _ in range(RUNS - 1):
        if lowest <= enough:
            break
        lowest = min(lowest, count_once(bench, figure))
    return round(lowest)


def load():
    with open(EXPECTED, encoding='utf-8') as file:
        return json.load(file)


def write(compiler, bench):
    expected = load()
    expected[compiler] = {figure: count(bench, figure) for figure in FIGURES}
    with open(EXPECTED, 'w', encoding='utf-8') as file:
        json.dump(expected, file, indent=2, sort_keys=True)
        file.write('\n')
    for figure, instructions in expected[compiler].items():
        print(f'{figure:<22} {instructions}')


def compare(compiler, bench, expected):
    failures = 0
    for figure in FIGURES:
        wanted = expected[figure]
        got = count(bench, figure, enough=wanted * (1 + TOLERANCE))
        verdict = 'ok'
        if got > wanted * (1 + TOLERANCE):
            verdict, failures = 'FAILED: more', failures + 1
        elif got < wanted * (1 - TOLERANCE):
            verdict = 'fewer: consider --write'
        print(f'{figure:<22} expected {wanted:>4}, counted {got:>4}  {verdict}', flush=True)
    if failures:
        print(f'if the change is intended: {sys.argv[0]} --write --compiler {compiler} {bench}')
    return 1 if failures else 0


def skip(reason):
    print(f'skipped: {reason}')
    return SKIPPED


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--build', choices=['release', 'other'], default='release')
    parser.add_argument('--compiler', required=True)
    parser.add_argument('bench')
    given = parser.parse_args()
    if not shutil.which('valgrind'):
        return skip('valgrind is not installed')
    if given.build != 'release':
        return skip('this is not a release build')
    if given.write:
        return write(given.compiler, given.bench)
    expected = load().get(given.compiler)
    if not expected:
        return skip(f'there are no expected counts for {given.compiler}')
    return compare(given.compiler, given.bench, expected)


if __name__ == '__main__':
    sys.exit(main())
