#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Profiles one scenario or figure. Used by tools/profile.sh, which builds what is profiled."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import flame

FREQUENCY = '4999'  # samples a second; a prime, so that no periodic work is in step with it
OPERATIONS = {'perf': 20_000_000, 'gperftools': 100_000_000}  # gperftools takes 250 samples a second
COUNTED_OPERATIONS = 50_000
MAX_FUNCTIONS = 25


class Failed(Exception):
    pass


def run(*command, accepted=(0,), **options):
    """The standard output of a command."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors='replace', check=False, **options)
    if done.returncode not in accepted:
        raise Failed(f'{" ".join(command)}\nfailed:\n{done.stdout}{done.stderr}')
    return done.stdout


class Subject:
    """A figure of the benchmark, or a load scenario, which has no single operation."""

    def __init__(self, build_dir, name):
        self.name = name
        self.is_figure = '/' in name
        # Checks of time and memory may fail below a profiler.
        self.accepted = (0,) if self.is_figure else (0, 1)
        self.tool = os.path.join(build_dir, 'tools', *(('bench', 'admit-bench') if self.is_figure
                                                       else ('load', 'admit-load')))

    def command(self, operations):
        if self.is_figure:
            return [self.tool, '--run', self.name, '--operations', str(operations)]
        return [self.tool, '--scenario', self.name, '--quick', '--quiet', '--threads', '1']


def perf_problem():
    """None if perf can record, otherwise the reason why it cannot."""
    if not shutil.which('perf'):
        return 'perf is not installed'
    with tempfile.TemporaryDirectory() as folder:
        try:
            run('perf', 'record', '-q', '-o', os.path.join(folder, 'trial'), '--', 'true')
        except Failed as failed:
            return f'the kernel does not allow perf record: {str(failed).splitlines()[-1]}'
    return None


def profile_by_perf(subject, operations, out):
    """(folded stacks, table of functions)."""
    run('perf', 'record', '-q', '-F', FREQUENCY, '--call-graph', 'fp', '-o', 'perf.data', '--',
        *subject.command(operations), cwd=out, accepted=subject.accepted)
    # The script reads ./perf.data and takes no other path.
    folded = run('perf', 'script', 'report', 'stackcollapse', cwd=out)
    table = run('perf', 'report', '--stdio', '-q', '--no-children', '-g', 'none', '-i', 'perf.data',
                '-F', 'overhead,overhead_children,symbol', cwd=out)
    return folded, '     self  with callees  function\n' + first_lines(table)


def profile_by_gperftools(subject, operations, out):
    """(folded stacks, table of functions)."""
    libraries = sorted(glob.glob('/usr/lib/*/libprofiler.so.0'))
    if not libraries:
        raise Failed('libprofiler.so.0 is not installed (Debian, Ubuntu: google-perftools)')
    data = os.path.join(out, 'gperftools.data')
    run(*subject.command(operations),
        env={**os.environ, 'LD_PRELOAD': libraries[0], 'CPUPROFILE': data,
             'CPUPROFILE_FREQUENCY': FREQUENCY}, accepted=subject.accepted)
    folded = run('google-pprof', '--collapsed', subject.tool, data)
    table = run('google-pprof', '--text', subject.tool, data)
    return without_addresses(folded), \
        '   samples  self  sum  with callees  function\n' + first_lines(table)


def without_addresses(folded):
    """google-pprof marks a function by `<address>` and an inlined one by `[inline]`."""
    return re.sub(r'<[0-9a-f]{16}>|\[inline\]', '', folded)


def first_lines(table):
    lines = [line.rstrip() for line in table.splitlines() if line.strip()]
    return '\n'.join(lines[:MAX_FUNCTIONS]) + '\n'


def about(subject):
    """What the page says about the machine and the build."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        processor = re.search(r'^model name\s*: (.*)', file.read(), re.M)
    system = os.uname()
    revision = subprocess.run(['git', '-C', os.path.dirname(os.path.abspath(__file__)), 'describe', '--always',
                               '--dirty', '--abbrev=12', '--exclude=*'], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False).stdout.strip()
    return {'machine': {'processor': processor.group(1) if processor else system.machine,
                        'cores': os.cpu_count(),
                        'system': f'{system.sysname} {system.release} {system.machine}'},
            'tool_version': run(subject.tool, '--version').strip(), 'revision': revision or 'unknown'}


def simulated_events(subject, operations):
    """{event: count} of a run in callgrind's simulated caches and branch predictor."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'log')
        run('valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', f'--log-file={log}',
            '--cache-sim=yes', '--branch-sim=yes', *subject.command(operations),
            accepted=subject.accepted)
        with open(log, encoding='utf-8') as file:
            text = file.read()
    events = re.search(r'Events\s*: (.*)', text).group(1).split()
    counts = re.search(r'Collected : (.*)', text).group(1).split()
    return dict(zip(events, map(int, counts)))


def counters(subject):
    """(title, {event: count}): of a figure for each operation, without the cost of starting."""
    once = simulated_events(subject, COUNTED_OPERATIONS)
    if not subject.is_figure:
        return 'of the whole run', once
    twice = simulated_events(subject, 2 * COUNTED_OPERATIONS)
    return 'for each operation', {event: (twice[event] - once[event]) / COUNTED_OPERATIONS
                                  for event in once}


def counters_text(subject):
    title, events = counters(subject)
    lines = [('instructions', events['Ir']),
             ('reads and writes of memory', events['Dr'] + events['Dw']),
             ('branches', events['Bc'] + events['Bi']),
             ('mispredicted branches', events['Bcm'] + events['Bim']),
             ('misses of the first-level data cache', events['D1mr'] + events['D1mw']),
             ('misses of the last-level cache', events['DLmr'] + events['DLmw'] + events['ILmr'])]
    return (f'Counted {title}, by callgrind (simulated caches, one thread at a time):\n' +
            ''.join(f'  {name:<38} {count:14,.2f}\n' for name, count in lines))


def write(out, name, text):
    with open(os.path.join(out, name), 'w', encoding='utf-8') as file:
        file.write(text)


def choose_profiler(wanted):
    if wanted:
        return wanted
    problem = perf_problem()
    if problem:
        print(f'{problem}; gperftools is used instead', file=sys.stderr)
    return 'gperftools' if problem else 'perf'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build-dir', required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--operations', type=int)
    parser.add_argument('--with', dest='profiler', choices=sorted(OPERATIONS))
    parser.add_argument('name')
    options = parser.parse_args()
    out = os.path.abspath(options.out)
    os.makedirs(out, exist_ok=True)
    subject = Subject(os.path.abspath(options.build_dir), options.name)
    profiler = choose_profiler(options.profiler)
    print(f'profiled by {profiler}', file=sys.stderr)
    take_profile = {'perf': profile_by_perf, 'gperftools': profile_by_gperftools}[profiler]
    folded, hottest = take_profile(subject, options.operations or OPERATIONS[profiler], out)
    write(out, 'stacks.txt', folded)
    flame.write(os.path.join(out, 'flame.html'), folded, f'{options.name}, by {profiler}', about(subject))
    for name, text in (('hottest.txt', hottest), ('counters.txt', counters_text(subject))):
        write(out, name, text)
        print(text)
    print(f'written to {out}', file=sys.stderr)


if __name__ == '__main__':
    try:
        main()
    except Failed as failed:
        sys.exit(f'error: {failed}')
