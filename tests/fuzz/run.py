#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs a fuzz target on its corpus, a text file with one input per line in hexadecimal.

    run.py TARGET CORPUS --runs N        runs the corpus and the same N further inputs each time
    run.py TARGET CORPUS --minutes M     runs new inputs for M minutes
    run.py TARGET CORPUS --merge DIR     reduces the corpus and DIR to a minimal corpus

A failing input is printed in hexadecimal. With --artifacts it is kept in a file.
"""

import argparse
import os
import subprocess
import sys
import tempfile


def unpack(corpus, folder):
    with open(corpus, encoding='ascii') as file:
        for number, line in enumerate(file):
            with open(os.path.join(folder, f'{number:04}'), 'wb') as one:
                one.write(bytes.fromhex(line.strip()))


def pack(folder, corpus):
    inputs = []
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), 'rb') as one:
            inputs.append(one.read().hex())
    with open(corpus, 'w', encoding='ascii') as file:
        file.writelines(line + '\n' for line in sorted(inputs, key=lambda i: (len(i), i)) if line)


def how_far(args):
    if args.minutes is not None:
        return [f'-max_total_time={round(args.minutes * 60)}']
    return ['-seed=1', f'-runs={args.runs}']


def main(args):
    target = os.path.abspath(args.target)
    with tempfile.TemporaryDirectory() as folder:
        old = os.path.join(folder, 'corpus')
        new = os.path.join(folder, 'new')
        os.mkdir(old)
        os.mkdir(new)
        unpack(args.corpus, old)
        if args.merge:
            code = subprocess.run([target, '-set_cover_merge=1', new, old, args.merge]).returncode
            if code == 0:
                pack(new, args.corpus)
            return code
        failed = os.path.join(args.artifacts or folder, 'failed-')
        command = [target, *how_far(args), '-print_final_stats=1', f'-artifact_prefix={failed}']
        code = subprocess.run([*command, args.found or new, old]).returncode
        show_failures(os.path.dirname(failed))
        return code


def show_failures(folder):
    for name in sorted(os.listdir(folder)):
        if name.startswith('failed-'):
            with open(os.path.join(folder, name), 'rb') as one:
                print(f'{name}: {one.read().hex()}')


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('target')
    parser.add_argument('corpus')
    parser.add_argument('--runs', type=int, default=4000)
    parser.add_argument('--minutes', type=float)
    parser.add_argument('--merge', metavar='DIR')
    parser.add_argument('--found', metavar='DIR', help='keeps the inputs that reached something new')
    parser.add_argument('--artifacts', metavar='DIR', help='keeps the inputs that failed')
    return parser.parse_args()


if __name__ == '__main__':
    sys.exit(main(parse()))
