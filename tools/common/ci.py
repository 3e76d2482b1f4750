# SPDX-License-Identifier: BSL-1.0
""".ci/run: everything that is checked before a change is good, in stages of a fixed share each.

A stage starts when its share fits into what is left of the budget. It may use what earlier stages
left over, but not the shares of later ones. A required stage that is skipped or stopped counts as
one failed. The last line is `N passed, N failed` over all stages.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import NamedTuple

import installing
import packages
import run_tests
import targets
from console import BAD_USAGE, ROOT, Stop, program, say
from options import Parser, whole_number

BUDGET = 5200  # seconds; ADMIT_CI_BUDGET is another number of them
CLANG = 'clang++-19'
KILLED_AFTER = 20  # seconds that a stage has to stop when it is told to

COUNTS = re.compile(r'^(\d+) passed, (\d+) failed$')
TELLING = re.compile(r'^ *\d+/\d+ .* (FAIL|TIMEOUT|ERROR|UNEXPECTEDPASS) |ERROR: |error: ')
REPEATED = 40  # lines of one stage that are repeated at the end, at most


class Stage(NamedTuple):
    name: str
    share: int  # seconds of the budget
    command: tuple
    optional: bool = False
    environment: dict = {}


class Ended(NamedTuple):
    """How the command of a stage ended."""
    status: int
    lines: list
    stopped: bool = False  # because its time was up


class Result(NamedTuple):
    stage: Stage
    seconds: float
    passed: int
    failed: int
    note: str = ''
    telling: tuple = ()  # lines that say what failed


def tests(*arguments):
    return ('tools/run_tests.sh', '--yes', '--werror', *arguments)


def suites(*names):
    return tuple(word for name in names for word in ('--suite', name))


ENGINE = suites('unit', 'c', 'async', 'stress', 'history')
# Targets of tools/platforms.sh. No other stage compiles for these processors, so theirs is required. The
# stage of the other C++ library and of the portable ways to the system takes what time is left.
PROCESSORS = ('armhf', 's390x', 'aarch64')
LIBRARIES = ('libc++', 'portable')
# The model tests run under no sanitizer: the checker finds misuse of memory and races itself, and
# would take minutes more. ThreadSanitizer is g++'s: clang's run-time library does not let the tests
# of allocations replace `operator new`.
STAGES = (
    Stage('g++, engine', 1300, tests()),
    Stage('g++, load', 620, tests(*suites('load', 'metrics'))),
    Stage('g++, bench', 120, tests(*suites('bench'))),
    Stage('g++, bot', 200, tests(*suites('bot', 'e2e'))),
    Stage('documentation', 60, tests(*suites('docs'))),
    Stage('g++, packaging', 330, tests(*suites('packaging'))),
    Stage('g++, python', 160, tests(*suites('python'))),
    Stage('processors', 200, ('tools/platforms.sh', '--yes', *PROCESSORS)),
    Stage(f'{CLANG}, address and undefined', 480,
          tests('--compiler', CLANG, '--sanitize', 'address,undefined', *ENGINE)),
    Stage('g++, thread', 480, tests('--sanitize', 'thread', *ENGINE)),
    Stage(f'{CLANG}, engine', 960, tests('--compiler', CLANG)),
    Stage(f'{CLANG}, fuzz', 160, tests('--compiler', CLANG, *suites('fuzz'))),
    Stage(f'{CLANG}, bench', 100, tests('--compiler', CLANG, *suites('bench'))),
    Stage('platforms', 300, ('tools/platforms.sh', '--yes', *LIBRARIES), optional=True),
    Stage(f'{CLANG}, load', 420, tests('--compiler', CLANG, *suites('load')), optional=True),
)
MORE_ROUNDS = {'ADMIT_STRESS_ROUNDS': '20'}
LONG_STAGES = (
    Stage('g++, models, deep', 7200, tests('--timeout-multiplier', '20', *suites('model', 'fleet')),
          environment={'ADMIT_MODEL_DEEP': '1'}),
    Stage('g++, 20 rounds', 3600, tests('--timeout-multiplier', '20', *suites('stress', 'history')),
          environment=MORE_ROUNDS),
    Stage('g++, thread, 20 rounds', 7200,
          tests('--timeout-multiplier', '20', '--sanitize', 'thread', *suites('stress', 'history')),
          environment=MORE_ROUNDS),
    Stage('soak', 900, ('tools/soak.sh', '--yes', '10')),
    Stage('soak, thread', 900, ('tools/soak.sh', '--yes', '--sanitize', 'thread', '10')),
    Stage('fuzz', 1500, ('tools/fuzz.sh', '--yes', '--minutes', '5')),
    Stage('load, sustained for 5 minutes', 1200, ('tools/run_load_tests.sh', '--yes', '--full')),
    Stage('platforms, all', 3600, ('tools/platforms.sh', '--yes', '--full')),
    # Above the time limits of its tests: that of Debian's packages alone is 2400 s.
    Stage('packaging, full', 3600, tests('--full', *suites('packaging'))),
    Stage('coverage', 1200, ('tools/coverage.sh', '--yes')),
    Stage('mutants, short search', 7200, ('tools/mutate.sh', '--quick')),
)

DESCRIPTION = f'''\
Runs everything that is checked before a change is good: all suites with g++,
those of the engine under the sanitizers and for other processors, and all with
{CLANG}. Prints how long each stage took, what failed, and as last line
`N passed, N failed`.
A stage that is skipped for want of time counts as one failed, unless it is
optional. ADMIT_CI_BUDGET=SECONDS sets another budget than {BUDGET} s.'''
EXIT_CODES = 'Exit codes: 0 all passed, 1 something failed or was skipped, 2 bad usage.'


def run_command(stage, limit):
    """Runs a stage's command, shows its output and stops it after `limit` seconds."""
    with subprocess.Popen(stage.command, cwd=ROOT, env={**os.environ, **stage.environment},
                          start_new_session=True, text=True, errors='replace',
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        stopped = threading.Event()

        def stop(signum):
            stopped.set()
            try:
                os.killpg(process.pid, signum)
            except ProcessLookupError:
                pass

        timers = [threading.Timer(limit, stop, [signal.SIGTERM]),
                  threading.Timer(limit + KILLED_AFTER, stop, [signal.SIGKILL])]
        lines = []
        try:
            for timer in timers:
                timer.daemon = True
                timer.start()
            for line in process.stdout:
                print(line, end='', flush=True)
                lines.append(line.rstrip('\n'))
            status = process.wait()
        except KeyboardInterrupt:
            stop(signal.SIGTERM)
            raise
        finally:
            for timer in timers:
                timer.cancel()
    return Ended(status, lines, stopped.is_set())


def counts_of(stage, ended):
    """(passed, failed) of a stage: a failure that its counts do not show is one more."""
    found = [match for match in map(COUNTS.match, ended.lines) if match]
    if found:
        passed, failed = map(int, found[-1].groups())
    elif ended.status == 0 and stage.command[0] != 'tools/run_tests.sh':
        passed, failed = 1, 0  # it has no tests to count
    else:
        passed, failed = 0, 1
    if (ended.status != 0 or ended.stopped) and failed == 0:
        failed = 1
    return passed, failed


def telling_of(lines):
    """The lines that say what failed, each with the indented ones below it: values, names, causes."""
    telling, inside = [], False
    for line in lines:
        inside = bool(TELLING.search(line)) or (inside and line.startswith('  '))
        if inside:
            telling.append(line)
    return telling


def run_stage(stage, limit, clock, runner):
    print(f'=== {stage.name}: {" ".join(stage.command)}', flush=True)
    started = clock()
    ended = runner(stage, limit)
    seconds = clock() - started
    print(f'=== {stage.name}: {seconds:.0f} s', flush=True)
    passed, failed = counts_of(stage, ended)
    note = f'stopped after {seconds:.0f} s' if ended.stopped else ''
    telling = telling_of(ended.lines) if failed else []
    if failed and not telling:
        telling = [f'exit code {ended.status}']
    return Result(stage, seconds, passed, failed, note, tuple(telling[:REPEATED]))


def skip(stage, left):
    note = f'SKIPPED: it may need {stage.share} s, and {left:.0f} s were left'
    print(f'!!! {stage.name}: {note}', flush=True)
    return Result(stage, 0, 0, 0 if stage.optional else 1, note)


def run_stages(stages, budget, started=None, clock=time.monotonic, runner=run_command):
    """The results of all stages, within the budget. The first always runs."""
    started = clock() if started is None else started
    results = []
    for number, stage in enumerate(stages):
        left = budget - (clock() - started)
        if number > 0 and stage.share > left:
            results.append(skip(stage, left))
            continue
        later = sum(each.share for each in stages[number + 1:] if not each.optional)
        results.append(run_stage(stage, max(stage.share, left - later), clock, runner))
    return results


def report(results, seconds):
    """Prints the table, what failed, and the counts; the exit code."""
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    print(f'\n{"stage":34} {"share":>7} {"took":>7}   counts')
    for result in results:
        note = f'   {result.note}' if result.note else ''
        print(f'{result.stage.name:34} {result.stage.share:5} s {result.seconds:5.0f} s   '
              f'{result.passed} passed, {result.failed} failed{note}')
    for result in results:
        for line in result.telling:
            print(f'{result.stage.name}: {line.strip()}')
    print(f'{seconds:.0f} s in all')
    print(f'{passed} passed, {failed} failed', flush=True)
    return 0 if passed and not failed else 1


def install():
    """Everything that the stages need. What cannot be installed fails its stage, with the reason."""
    engine = [[*packages.for_tests(compiler, run_tests.OTHER_SUITES), *packages.EXTRAS, packages.CCACHE]
              for compiler in ('g++', CLANG)]
    others = [package for name in (*PROCESSORS, *LIBRARIES) for package in targets.named(name).packages]
    for wanted in (*engine, others):
        try:
            installing.install(wanted, assume_yes=True)
        except Stop as stop:
            say(f'error: {stop}')


def main(arguments):
    parser = Parser('run', DESCRIPTION, EXIT_CODES)
    parser.prog = '.ci/run'
    parser.add_argument('--full', action='store_true',
                        help='also what takes hours: deep searches, soaks, fuzzing, coverage, mutants')
    parser.offer_help()
    options = parser.read(arguments)
    stages = STAGES + (LONG_STAGES if options.full else ())
    budget = BUDGET + (sum(stage.share for stage in LONG_STAGES) if options.full else 0)
    given = os.environ.get('ADMIT_CI_BUDGET')
    if given is not None:
        try:
            budget = whole_number(1, 10**6)(given)
        except Exception as wrong:
            raise Stop(BAD_USAGE, f'ADMIT_CI_BUDGET {wrong}') from wrong
    started = time.monotonic()
    install()
    print(f'=== installed: {time.monotonic() - started:.0f} s', flush=True)
    results = run_stages(stages, budget, started)
    return report(results, time.monotonic() - started)


if __name__ == '__main__':
    sys.stdout.reconfigure(line_buffering=True)
    program(main)
