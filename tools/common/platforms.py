# SPDX-License-Identifier: BSL-1.0
"""tools/platforms.sh: builds for other compilers, processors and systems, and runs what can run."""

import os
import subprocess
import time

import builds
import count_tests
import installing
import packages
import targets
from console import FAILED, ROOT, Stop, program, say
from options import Parser, one_of

NAMES = tuple(target.name for target in targets.TARGETS)
CHEAP = tuple(target.name for target in targets.TARGETS if not target.full)

DESCRIPTION = f'''\
Builds the library for each target, in a build directory of its own, and runs
tests where a program of the target can run. docs/platforms.md says what that
shows. The last line is `N passed, N failed`; a build counts as one.

Without a target these are tried: {', '.join(CHEAP)}.'''
EXIT_CODES = '''\
Exit codes: 0 all passed, 1 a test or a build failed, 2 bad usage, 3 something
is missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('platforms.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('targets', metavar='TARGET', nargs='*', type=one_of(*NAMES),
                        help=', '.join(NAMES))
    parser.add_argument('--full', action='store_true', help='all targets')
    parser.add_argument('--install', action='store_true', help='install what is missing, and stop')
    parser.add_common()
    parser.offer_help()
    return parser


def chosen(options):
    names = options.targets or (NAMES if options.full else CHEAP)
    return [target for target in targets.TARGETS if target.name in names]


def install(target, assume_yes):
    wanted = [*packages.for_build('g++'), packages.DOCTEST, *target.packages]
    installing.install(wanted, assume_yes)
    if target.name == 'libc++':
        installing.unpack(targets.LIBCXX_PACKAGES, targets.LIBCXX, assume_yes)
    if target.machine:
        boost = os.environ.get('BOOST_ROOT')
        given = [boost, os.path.join(boost, 'include')] if boost else []
        targets.link_headers([*given, *packages.INCLUDE_DIRS])


def configure(target, directory):
    kind = '--cross-file' if target.machine else '--native-file'
    text = targets.machine_file(target, builds.compile_command(target.compiler).split())
    wanted = builds.options(werror='true', tests='enabled' if target.tests else 'disabled',
                            **dict(target.options))
    builds.configure(directory, target.compiler, wanted, (kind, text))


def programs(target, directory):
    """What is built: the library, and the programs of the target's tests."""
    wanted = [targets.LIBRARY]
    for name in target.tests:
        if name == targets.UNIT:
            wanted += [path for path in builds.targets_of(directory, [name]) if path not in wanted]
        else:
            wanted.append(f'tests/{name.partition("_")[0]}/{name}'
                          + ('.exe' if target.machine[:1] == ('windows',) else ''))
    return wanted


def test_names(target, directory):
    """What meson calls the tests: `permit` is the program unit_permit, `async_waiting` is its own."""
    names = [name.removeprefix('unit_') for name in target.tests if name != targets.UNIT]
    if targets.UNIT in target.tests:
        names += [test['name'] for test in builds.introspect(directory, '--tests')
                  if any(suite.endswith(':unit') for suite in test['suite'])]
    return [name for name in names if not target.emulator or name not in targets.NOT_EMULATED]


def run(target, directory):
    """(passed, failed) of the tests."""
    log = os.path.join(directory, 'meson-logs', 'testlog.json')
    if os.path.exists(log):
        os.remove(log)
    # Emulators are slow.
    patience = '10' if target.emulator else '2'
    status = subprocess.run(['meson', 'test', '-C', directory, '--no-rebuild', '--print-errorlogs',
                             '--timeout-multiplier', patience, *test_names(target, directory)],
                            check=False, cwd=ROOT, stdout=2,
                            env={**os.environ, 'WINEDEBUG': '-all'}).returncode
    passed, failed = count_tests.total(log)
    return passed, max(failed, int(status != 0 or passed == 0))


def refuses(target):
    """Whether the headers refuse the compiler in a sentence."""
    done = subprocess.run([target.compiler, '-std=c++20', '-fsyntax-only', '-x', 'c++',
                           '-I', os.path.join(ROOT, 'include'), '-'], check=False, text=True,
                          input='#include <admit/async.hpp>\n', stderr=subprocess.PIPE)
    errors = [line for line in done.stderr.split('\n') if 'error:' in line]
    return len(errors) == 2 and target.refused in errors[0]


def attempt(target, options):
    """(passed, failed) of one target."""
    if target.refused:
        return (1, 0) if refuses(target) else (0, 1)
    directory = builds.default_directory(f'for-{target.name}')
    try:
        configure(target, directory)
        builds.build(directory, programs(target, directory), options.jobs)
    except Stop as stop:
        if stop.code != FAILED:
            raise
        say(f'error: {target.name}: {stop}')
        return 0, 1
    passed, failed = run(target, directory) if target.tests else (0, 0)
    return passed + 1, failed


def main(arguments):
    options = make_parser().read(arguments)
    results = []
    for target in chosen(options):
        install(target, options.yes)
        if options.install:
            continue
        say(f'=== {target.name}')
        started = time.monotonic()
        results.append((target, *attempt(target, options), time.monotonic() - started))
    if options.install:
        return 0
    for target, passed, failed, seconds in results:
        print(f'{target.name:12} {passed} passed, {failed} failed, {seconds:.0f} s')
    passed, failed = (sum(result[place] for result in results) for place in (1, 2))
    print(f'{passed} passed, {failed} failed', flush=True)
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    program(main)
