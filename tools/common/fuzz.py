# SPDX-License-Identifier: BSL-1.0
"""tools/fuzz.sh: runs the fuzz targets for as long as asked, each beginning with its corpus."""

import os
import subprocess
import sys

import builds
import installing
import packages
from console import ROOT, program, say
from options import Parser, clang, number, one_of

TARGETS = ('engine', 'user_ids', 'command_line')

DESCRIPTION = '''\
Builds the fuzz targets with clang (libFuzzer, AddressSanitizer,
UndefinedBehaviorSanitizer) and runs each for some minutes, beginning with the
corpus in tests/fuzz.

An input that fails stays in build-*/fuzz/, and is printed in hexadecimal: add
it to the target's corpus, one line, and it is tried in every run of the tests.'''
EXIT_CODES = '''\
Exit codes: 0 nothing was found, 1 an input failed or the build did, 2 bad
usage, 3 something is missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('fuzz.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('targets', metavar='TARGET', nargs='*', type=one_of(*TARGETS),
                        help=f'{", ".join(TARGETS)} (default: all)')
    parser.add_argument('--minutes', metavar='M', type=number(0.1, 9999), default=10,
                        help='for each target (default: 10)')
    parser.add_argument('--update', action='store_true',
                        help='afterwards the corpus becomes the fewest inputs, of it and of what '
                             'was found, that reach everything')
    parser.add_argument('--compiler', metavar='NAME', type=clang, default='clang++-19',
                        help='instead of clang++-19')
    parser.add_common()
    parser.offer_help()
    return parser


def fuzz(target, options, directory):
    """Whether nothing was found."""
    found = os.path.join(directory, 'fuzz', target)
    os.makedirs(found, exist_ok=True)
    run = [sys.executable, '-B', os.path.join(ROOT, 'tests/fuzz/run.py'),
           os.path.join(directory, f'tests/fuzz/fuzz_{target}'),
           os.path.join(ROOT, f'tests/fuzz/{target}.corpus')]
    say(f'=== {target}: {options.minutes:g} minutes')
    good = subprocess.run([*run, '--minutes', str(options.minutes), '--found', found, '--artifacts',
                           os.path.dirname(found)], check=False).returncode == 0
    if good and options.update:
        good = subprocess.run([*run, '--merge', found], check=False).returncode == 0
    return good


def main(arguments):
    options = make_parser().read(arguments)
    targets = options.targets or TARGETS
    installing.install(packages.for_tests(options.compiler, ['fuzz']), options.yes)
    # The build of the tests by this compiler.
    directory = builds.default_directory(options.compiler)
    builds.configure(directory, options.compiler, builds.options(tests='enabled', tools='enabled'))
    builds.build(directory, [f'tests/fuzz/fuzz_{target}' for target in targets], options.jobs)
    return 0 if all([fuzz(target, options, directory) for target in targets]) else 1


if __name__ == '__main__':
    program(main)
