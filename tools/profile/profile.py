#!/usr/bin/env python3
"""Profiles one scenario or figure; called by tools/profile.sh, which builds what it runs."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import flame
import stacks

FREQUENCY = '4999'  # samples a second; not a divisor of anything periodic
CALLERS = 12  # how deep callgrind tells contexts apart
OPERATIONS = {'perf': 20_000_000, 'callgrind': 100_000}
COUNTED = 50_000  # operations for the counters


class Failed(Exception):
    pass


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace')
    if done.returncode != 0:
        raise Failed(f'{" ".join(command)}\nfailed:\n{done.stdout}')
    return done.stdout


def perf_works():
    """None, or why not."""
    if not shutil.which('perf'):
        return 'perf is not installed'
    with tempfile.TemporaryDirectory() as folder:
        try:
            run('perf', 'record', '-q', '-o', os.path.join(folder, 'trial'), '--', 'true')
        except Failed as failed:
            return 'the kernel does not allow perf record: ' + str(failed).split('\n')[-2]
    return None


class Subject:
    """What is run: a figure of the benchmark, or a scenario, which has no single operation."""

    def __init__(self, build_dir, name):
        self.name = name
        self.is_figure = '/' in name
        self.tool = os.path.join(build_dir, 'tools', *(('bench', 'admit-bench') if self.is_figure
                                                       else ('load', 'admit-load')))

    def command(self, operations):
        if self.is_figure:
            return [self.tool, '--run', self.name, '--operations', str(operations)]
        return [self.tool, '--scenario', self.name, '--quick', '--quiet', '--threads', '1']


def by_perf(subject, operations, out):
    data = os.path.join(out, 'perf.data')
    run('perf', 'record', '-q', '-F', FREQUENCY, '--call-graph', 'fp', '-o', data, '--',
        *subject.command(operations))
    return stacks.from_perf_script(run('perf', 'script', '-i', data, '-F', 'ip,sym,dso'))


def by_callgrind(subject, operations, out):
    file = os.path.join(out, 'callgrind.out')
    run('valgrind', '--tool=callgrind', f'--callgrind-out-file={file}',
        f'--separate-callers={CALLERS}', *subject.command(operations))
    with open(file, encoding='utf-8', errors='replace') as text:
        return stacks.from_callgrind(text.read())


def simulated(subject, operations):
    """{event: count} of a run in callgrind's simulated caches and branch predictor."""
    said = run('valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
               '--cache-sim=yes', '--branch-sim=yes', *subject.command(operations))
    events = re.search(r'Events\s*: (.*)', said).group(1).split()
    counts = re.search(r'Collected : (.*)', said).group(1).split()
    return dict(zip(events, map(int, counts)))


def counters(subject):
    """(title, {event: count for each operation}): of a figure, without what starting costs."""
    once = simulated(subject, COUNTED)
    if not subject.is_figure:
        return 'of the whole run', once
    twice = simulated(subject, 2 * COUNTED)
    return 'for each operation', {event: (twice[event] - once[event]) / COUNTED for event in once}


def counters_text(subject):
    title, seen = counters(subject)
    lines = [('instructions', seen['Ir']),
             ('reads and writes of memory', seen['Dr'] + seen['Dw']),
             ('branches', seen['Bc'] + seen['Bi']),
             ('mispredicted branches', seen['Bcm'] + seen['Bim']),
             ('misses of the first-level data cache', seen['D1mr'] + seen['D1mw']),
             ('misses of the last-level cache', seen['DLmr'] + seen['DLmw'] + seen['ILmr'])]
    return (f'Counted {title}, by callgrind (simulated caches, one thread at a time):\n' +
            ''.join(f'  {what:<38} {number:14,.2f}\n' for what, number in lines))


def hottest_text(profile):
    lines = [f'  {100 * own:6.2f} %  {100 * with_callees:6.2f} %  {function}\n'
             for function, own, with_callees in stacks.hottest(profile)]
    return '  itself    with what it calls\n' + ''.join(lines)


def write(out, name, text):
    with open(os.path.join(out, name), 'w', encoding='utf-8') as file:
        file.write(text)


def choose(wanted):
    if wanted:
        return wanted
    why_not = perf_works()
    if why_not:
        print(f'{why_not}; by callgrind instead', file=sys.stderr)
    return 'callgrind' if why_not else 'perf'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build-dir', required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--operations', type=int)
    parser.add_argument('--with', dest='profiler', choices=['perf', 'callgrind'])
    parser.add_argument('name')
    given = parser.parse_args()
    os.makedirs(given.out, exist_ok=True)
    subject = Subject(given.build_dir, given.name)
    profiler = choose(given.profiler)
    print(f'profiled by {profiler}', file=sys.stderr)
    take = by_perf if profiler == 'perf' else by_callgrind
    profile = take(subject, given.operations or OPERATIONS[profiler], given.out)
    write(given.out, 'flame.svg', flame.svg(profile, f'{given.name}, by {profiler}'))
    write(given.out, 'hottest.txt', hottest_text(profile))
    write(given.out, 'counters.txt', counters_text(subject))
    for name in ('hottest.txt', 'counters.txt'):
        with open(os.path.join(given.out, name), encoding='utf-8') as file:
            print(file.read())
    print(f'in {given.out}', file=sys.stderr)


if __name__ == '__main__':
    try:
        main()
    except Failed as failed:
        sys.exit(f'error: {failed}')
