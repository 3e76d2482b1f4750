# SPDX-License-Identifier: BSL-1.0
"""tools/coverage.sh: measures which lines and branches of the library the tests reach."""

import glob
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'common'))
import builds  # noqa: E402
import installing  # noqa: E402
import packages  # noqa: E402
import report  # noqa: E402
from console import ROOT, Stop, logged, program  # noqa: E402
from options import Parser  # noqa: E402

LLVM = 19
BUILD = os.path.join(ROOT, 'build-coverage')
SUITES = ('unit', 'async', 'stress', 'history')

DESCRIPTION = '''\
Builds with clang's source-based coverage, runs the suites unit, async, stress
and history, and prints lines and branches of src and include as a table, with
everything that was not reached and the reason given in
tools/coverage/explained.txt.'''
EXIT_CODES = '''\
Exit codes: 0 all that is not reached is explained, 1 something is not, or a
test failed, 2 bad usage, 3 something is missing that cannot be installed.'''


def make_parser():
    parser = Parser('coverage.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--update', action='store_true',
                        help='also write the table into docs/reliability.md')
    parser.add_argument('--no-run', action='store_true', help='use the profiles of the last run')
    parser.add_common()
    parser.offer_help()
    return parser


def build(jobs):
    os.environ['LLVM_PROFILE_FILE'] = os.devnull  # what is run to find out about the compiler
    flags = '-fprofile-instr-generate -fcoverage-mapping -fprofile-update=atomic'
    # Assertions are not there to be reached.
    builds.configure(BUILD, f'clang++-{LLVM}', builds.options(
        buildtype='custom', optimization='1', debug='false', b_ndebug='true', tests='enabled',
        cpp_args=f'{flags} -DADMIT_TEST_COVERAGE', cpp_link_args=flags))
    builds.build(BUILD, builds.targets_of(BUILD, SUITES), jobs)


def run_tests():
    profiles = os.path.join(BUILD, 'profiles')
    shutil.rmtree(profiles, ignore_errors=True)
    suites = [word for suite in SUITES for word in ('--suite', suite)]
    done = subprocess.run(['meson', 'test', '-C', BUILD, '--no-rebuild', *suites,
                           '--timeout-multiplier', '10'], stdout=sys.stderr, check=False,
                          env={**os.environ, 'LLVM_PROFILE_FILE': f'{profiles}/%4m.profraw'})
    if done.returncode:
        raise Stop(1, 'a test failed')
    logged('merging the profiles', [f'llvm-profdata-{LLVM}', 'merge', '-sparse',
                                    *glob.glob(f'{profiles}/*.profraw'), '-o', f'{BUILD}/all.profdata'])


def export():
    """The path of what llvm-cov says about all programs."""
    path = os.path.join(BUILD, 'coverage.json')
    first, *more = [os.path.join(BUILD, name) for name in builds.targets_of(BUILD, SUITES, 'executable')]
    objects = [word for name in more for word in ('-object', name)]
    with open(path, 'w', encoding='utf-8') as file:
        done = subprocess.run([f'llvm-cov-{LLVM}', 'export', f'-instr-profile={BUILD}/all.profdata',
                               first, *objects, f'{ROOT}/src', f'{ROOT}/include'],
                              stdout=file, check=False)
    if done.returncode:
        raise Stop(1, 'llvm-cov failed')
    return path


def main(arguments):
    options = make_parser().read(arguments)
    installing.install([*packages.for_tests(f'clang++-{LLVM}'), packages.command(
        f'llvm-cov-{LLVM}', f'llvm-{LLVM}', "reads what clang's coverage has written")], options.yes)
    if not options.no_run:
        build(options.jobs)
        run_tests()
    page = os.path.join(ROOT, 'docs/reliability.md') if options.update else None
    return report.main(ROOT, export(), page)


if __name__ == '__main__':
    program(main)
