# SPDX-License-Identifier: BSL-1.0
"""tools/run_tests.sh: installs what the tests need, builds them, runs them, prints the counts."""

import os
import subprocess

import builds
import count_tests
import installing
import packages
from console import ROOT, Stop, program, say
from options import Parser, one_of, whole_number

ENGINE_SUITES = ('unit', 'c', 'async', 'stress', 'history', 'model', 'fleet', 'examples', 'tidy')
TOOL_SUITES = ('load', 'bench', 'bot', 'e2e', 'fuzz')
OTHER_SUITES = (*TOOL_SUITES, 'packaging', 'python', 'metrics', 'docs')  # they need more packages
ALL_SUITES = (*ENGINE_SUITES, *OTHER_SUITES)

DESCRIPTION = f'''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds and runs
the tests. The last line is `N passed, N failed`.

Without --suite and --all these suites run, which need a compiler, Boost and
doctest: {', '.join(ENGINE_SUITES)}.
The others need more packages: {', '.join(OTHER_SUITES)}.'''
EXIT_CODES = '''\
Exit codes: 0 all passed, 1 a test or the build failed, or no test ran, 2 bad
usage, 3 something is missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('run_tests.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--suite', metavar='NAME', action='append', default=[],
                        type=one_of(*ALL_SUITES),
                        help='only this suite (repeatable); fuzz needs clang++')
    parser.add_argument('--all', action='store_true',
                        help='every suite that the compiler can build, and no test is skipped for '
                             'want of a package')
    parser.add_argument('--quick', action='store_true',
                        help='with --all: without the suite load, which takes a minute or two')
    parser.add_argument('--full', action='store_true',
                        help='also what takes minutes more: with --suite packaging the packages of '
                             'Debian, with --suite load more samples of comparisons')
    parser.add_sanitize()
    parser.add_compiler(default='g++', help='g++ (default), clang++-19 ..., in a build directory '
                                            'of its own')
    parser.add_argument('--werror', action='store_true', help='warnings are errors')
    parser.add_argument('--timeout-multiplier', metavar='N', type=whole_number(1, 1000), default=1,
                        help='give each test N times its time')
    parser.add_argument('--install', action='store_true', help='install what is missing, and stop')
    parser.add_common(build_dir='build-COMPILER[-SANITIZER]')
    parser.offer_help()
    return parser


def choose_suites(parser, options):
    """The suites to run, in the order of the documentation."""
    can_fuzz = 'clang++' in os.path.basename(options.compiler) and options.sanitize == 'none'
    if options.suite and options.all:
        parser.error('--all and --suite exclude each other')
    for suite in {'packaging', 'python'} & set(options.suite):
        if options.sanitize != 'none':
            parser.error(f'--suite {suite}: not with --sanitize')
    if 'fuzz' in options.suite and not can_fuzz:
        parser.error('--suite fuzz: needs --compiler clang++-N and no --sanitize')
    if options.all:
        wanted = set(ALL_SUITES) - (set() if can_fuzz else {'fuzz'})
        wanted -= set() if options.sanitize == 'none' else {'packaging', 'python'}
    else:
        wanted = set(options.suite or ENGINE_SUITES)
    if options.full and not wanted & {'packaging', 'load'}:
        parser.error('--full: is for the suites packaging and load')
    if options.quick:
        wanted -= {'load'}
    if not wanted:
        parser.error('--quick leaves out the suite load, and no other is asked for')
    return [suite for suite in ALL_SUITES if suite in wanted]


def needed(options, suites):
    extras = packages.EXTRAS if options.all else ()
    if options.full and 'packaging' in suites:
        extras = (*extras, *packages.DEBIAN, *packages.LIBCXX)
    return [*packages.for_tests(options.compiler, suites), *extras]


def build(options, suites, directory):
    tools = 'enabled' if set(suites) & set(TOOL_SUITES) else None
    metrics = 'enabled' if {'metrics', 'e2e'} & set(suites) else None
    bot = 'enabled' if {'bot', 'e2e'} & set(suites) else None
    wanted = builds.options(options.sanitize, werror=str(options.werror).lower(), tests='enabled',
                            tools=tools, metrics=metrics, bot=bot)
    builds.configure(directory, options.compiler, wanted)
    # Of named suites only what they need: most of the time goes into the build.
    targets = builds.targets_of(directory, suites) if options.suite else ['all']
    if targets:
        builds.build(directory, targets, options.jobs)


def build_and_run(build_tests, suites, directory, patience, sanitize='none', full=False):
    """The exit code; the last line printed is the counts. A build that fails is one failure."""
    try:
        build_tests()
    except Stop as stop:
        if stop.code != 1:
            raise
        say(f'error: {stop}, which counts as one failure')
        print('0 passed, 1 failed')
        return 1
    log = os.path.join(directory, 'meson-logs', 'testlog.json')
    if os.path.exists(log):
        os.remove(log)  # whatever happens, the counts are of this run
    command = [*builds.launcher(sanitize), 'meson', 'test', '-C', directory, '--no-rebuild',
               '--print-errorlogs', '--timeout-multiplier', str(patience)]
    for suite in suites:
        command += ['--suite', suite]
    environment = {**os.environ, 'ADMIT_FULL': '1' if full else ''}
    status = subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode
    passed, failed = count_tests.total(log)
    if not passed and not failed:
        say('no test ran')
    print(f'{passed} passed, {failed} failed', flush=True)
    return 0 if status == 0 and passed and not failed else 1


def main(arguments):
    parser = make_parser()
    options = parser.read(arguments)
    suites = choose_suites(parser, options)
    installing.install(needed(options, suites), options.yes)
    if options.install:
        return 0
    directory = options.build_dir or builds.default_directory(options.compiler, options.sanitize)
    return build_and_run(lambda: build(options, suites, directory), suites, directory,
                         options.timeout_multiplier, options.sanitize, options.full)


if __name__ == '__main__':
    program(main)
