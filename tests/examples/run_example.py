#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs a program of docs/examples and compares what it prints with what is expected.

    run_example.py PROGRAM EXPECTED [--input FILE] [--terminate]

EXPECTED is a file with one regular expression a line, each for one line of output. The program has
to end with exit code 0. It reads FILE; with --terminate it is sent SIGTERM after it prints "ready".
"""

import argparse
import itertools
import re
import signal
import subprocess
import sys


def output_of(program, file, terminate):
    """The lines that the program prints, and its exit code."""
    lines = []
    with subprocess.Popen([program], stdin=file or subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True) as running:
        for line in running.stdout:
            print(line, end='')
            lines.append(line.removesuffix('\n'))
            if terminate and line == 'ready\n':
                running.send_signal(signal.SIGTERM)
        return lines, running.wait(timeout=30)


def differences(printed, expected):
    for number, (line, pattern) in enumerate(itertools.zip_longest(printed, expected), 1):
        if line is None or pattern is None or not re.fullmatch(pattern, line):
            yield f'line {number}: expected {pattern!r}, printed {line!r}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('program')
    parser.add_argument('expected', type=argparse.FileType('r', encoding='utf-8'))
    parser.add_argument('--input', type=argparse.FileType('r', encoding='utf-8'))
    parser.add_argument('--terminate', action='store_true')
    options = parser.parse_args()

    printed, code = output_of(options.program, options.input, options.terminate)
    found = list(differences(printed, options.expected.read().splitlines()))
    if code != 0:
        found.append(f'the exit code is {code}')
    print('\n'.join(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
