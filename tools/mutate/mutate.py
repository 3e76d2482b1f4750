"""The mutation run behind tools/mutate.sh: which model tests notice which broken line."""

import concurrent.futures
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

import mutants as table
import orders

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'common'))
from console import ROOT  # noqa: E402
from options import Parser, whole_number  # noqa: E402

RULES = ['src/admission/census.cpp', 'src/admission/draining.cpp', 'src/admission/expiry.cpp',
         'src/admission/supervision.cpp', 'src/admission/waiting_room.cpp']
# What a model test is built from, next to the explorer.
TESTS = {
    'slots': ['tests/model/test_slots.cpp'],
    'users': ['tests/model/test_users.cpp'],
    'cells': ['tests/model/test_cells.cpp'],
    'conversations': ['tests/model/test_conversations.cpp', *RULES],
    'supervision': ['tests/model/test_supervision.cpp', *RULES],
    'waiting': ['tests/model/test_waiting.cpp', *RULES],
}
# Compiled once: what every source above includes and no mutant touches.
PREAMBLE = ['<doctest/doctest.h>', '<algorithm>', '<array>', '<chrono>', '<functional>',
            '<memory>', '<optional>', '<string>', '<vector>', '"checker/atomic.hpp"',
            '"checker/model_test.hpp"']
FIRST_LOOK = 5000  # executions of each search in the short pass
HANGS_AFTER = 60  # seconds of one test case in the short pass: no search is that slow
GIVE_UP_AFTER = 300  # seconds of one test case at full bounds


@dataclass
class Mutant:
    id: str
    path: str
    text: str  # of the whole file, mutated
    what: str = ''
    explained: str = ''


@dataclass
class Result:
    mutant: Mutant
    killers: list = field(default_factory=list)  # names of test cases
    how: str = ''  # what the first of them said
    full: bool = False  # the bounds of the tests were searched to their end
    error: str = ''
    seconds: float = 0

    @property
    def state(self):
        if self.error:
            return 'error'
        if self.killers:
            return 'killed'
        return 'explained' if self.mutant.explained else 'SURVIVED'


class Stale(Exception):
    """The table does not fit the sources."""


def read_sources(root):
    sources = {}
    for folder, _, names in os.walk(os.path.join(root, 'src')):
        for name in names:
            full = os.path.join(folder, name)
            with open(full, encoding='utf-8') as file:
                sources[os.path.relpath(full, root).replace(os.sep, '/')] = file.read()
    return sources


def all_mutants(root):
    sources = read_sources(root)
    problems = []
    found = []
    for each in table.STRUCTURAL:
        text = sources.get(each.path, '')
        changed = text
        for old, new in each.changes:
            if changed.count(old) != 1:
                problems.append(f'{each.id}: found {changed.count(old)} times in {each.path}:\n'
                                f'{old}')
            changed = changed.replace(old, new, 1)
        found.append(Mutant(each.id, each.path, changed, each.what, each.explained))
    unused = set(table.ORDERS_EXPLAINED)
    for name, path, start, end, to, edge in orders.find(sources):
        unused.discard(name)
        text = sources[path]
        found.append(Mutant(name, path, text[:start] + to + text[end:],
                            f'edge {edge}' if edge else '', table.ORDERS_EXPLAINED.get(name, '')))
    problems += [f'{name}: explained, but there is no such mutant' for name in sorted(unused)]
    names = [mutant.id for mutant in found]
    problems += [f'{name}: twice' for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise Stale('the table does not fit the sources:\n' + '\n'.join(problems))
    return found


class Bench:
    """A copy of the project with the explorer built, on which mutants are tried."""

    def __init__(self, root, place, compiler):
        self.place = place
        self.compiler = compiler
        self.base = os.path.join(place, 'base')
        for folder in ('src', 'include', 'tests/checker', 'tests/model'):
            shutil.copytree(os.path.join(root, folder), os.path.join(self.base, folder))
        self.preamble = os.path.join(place, 'preamble.hpp')
        with open(self.preamble, 'w', encoding='utf-8') as file:
            file.writelines(f'#include {header}\n' for header in PREAMBLE)
        self._run(compiler, *self._flags(self.base), '-O1', '-x', 'c++-header', self.preamble,
                  '-o', self.preamble + '.gch')
        self.explorer = self._build_explorer()
        self.needs = {source: self._dependencies(source)
                      for sources in TESTS.values() for source in sources}
        self.objects = {}
        for source in self.needs:
            self.objects[source] = os.path.join(place, re.sub(r'\W', '_', source) + '.o')
            self._compile(self.base, source, self.objects[source])
        self.cases = {}

    def _flags(self, tree):
        return ['-std=c++20', '-w', '-DADMIT_MODEL', f'-I{self.base}/tests', f'-I{tree}/src',
                f'-I{tree}/include']

    def _run(self, *command):
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise RuntimeError(done.stdout[:2000])
        return done.stdout

    def _build_explorer(self):
        with open(os.path.join(self.base, 'tests/checker/meson.build'), encoding='utf-8') as file:
            library = re.search(r'static_library\((.*?)\n\)', file.read(), re.S).group(1)
        objects = []
        for name in re.findall(r"'(\w+)\.cpp'", library):
            objects.append(os.path.join(self.place, f'explorer_{name}.o'))
            self._run(self.compiler, *self._flags(self.base), '-O2', '-c',
                      os.path.join(self.base, f'tests/checker/{name}.cpp'), '-o', objects[-1])
        return objects

    def _dependencies(self, source):
        rule = self._run(self.compiler, *self._flags(self.base), '-MM',
                         os.path.join(self.base, source))
        return {os.path.relpath(word, self.base) for word in rule.replace('\\\n', ' ').split()[1:]}

    def _source(self, tree, source):
        return os.path.join(tree if source.startswith('src/') else self.base, source)

    def _compile(self, tree, source, target):
        self._run(self.compiler, *self._flags(tree), '-O1', '-include', self.preamble, '-c',
                  self._source(tree, source), '-o', target)

    def _link(self, objects, target):
        self._run(self.compiler, *objects, *self.explorer, '-o', target)

    def build(self, tree, path):
        """Yields the tests which include `path`, built from `tree`: (test, program)."""
        for test, sources in TESTS.items():
            if path is not None and not any(path in self.needs[s] for s in sources):
                continue
            objects = []
            for source in sources:
                objects.append(self.objects[source])
                if path is not None and path in self.needs[source]:
                    objects[-1] = os.path.join(tree, re.sub(r'\W', '_', source) + '.o')
                    if not os.path.exists(objects[-1]):  # of the program before
                        self._compile(tree, source, objects[-1])
            program = os.path.join(tree, f'test_{test}')
            self._link(objects, program)
            yield test, program

    def run_case(self, program, case, executions, seconds):
        """What a test case says when it fails, None when it passes; and its summaries."""
        command = [program, '-tc=' + re.sub(r'[,\\]', '?', case), '-nc']
        if executions:
            command += ['--executions', str(executions)]
        with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors='replace') as process:
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                # Within few executions that is a loop; at full bounds only much to search.
                return ('does not end' if executions else None), []
        summaries = re.findall(r'^model: (.*)$', output, re.M)
        if process.returncode == 0:
            return None, summaries
        if process.returncode < 0:
            return signal.Signals(-process.returncode).name, summaries
        said = re.search(r'ERROR: (.*)', output)
        return (said.group(1) if said else 'fails').strip(), summaries

    def attempt(self, mutant, options):
        begin = time.monotonic()
        result = Result(mutant)
        tree = tempfile.mkdtemp(prefix='mutant-', dir=self.place)
        try:
            for folder in ('src', 'include'):
                shutil.copytree(os.path.join(self.base, folder), os.path.join(tree, folder))
            with open(os.path.join(tree, mutant.path), 'w', encoding='utf-8') as file:
                file.write(mutant.text)
            programs = []
            for test, program in self.build(tree, mutant.path):
                programs.append((test, program))
                self._try_cases(test, program, result, FIRST_LOOK, HANGS_AFTER, options.quick)
                if options.quick and result.killers:
                    break
            result.full = not result.killers and not options.quick and (
                options.thorough or not mutant.explained)
            for test, program in programs if result.full else []:
                self._try_cases(test, program, result, None, GIVE_UP_AFTER)
        except RuntimeError as wrong:
            result.error = str(wrong)
        finally:
            shutil.rmtree(tree)
        result.seconds = time.monotonic() - begin
        return result

    def _try_cases(self, test, program, result, executions, seconds, one_is_enough=False):
        for case in self.cases[test]:
            if one_is_enough and result.killers:
                return
            said, _ = self.run_case(program, case, executions, seconds)
            if said is not None:
                result.killers.append(f'{test}: {case}')
                result.how = result.how or said

    def unmutated(self, full):
        """The summaries of all tests on the sources as they are; they have to pass."""
        tree = os.path.join(self.place, 'unmutated')
        os.makedirs(tree)
        explored = []
        for test, program in self.build(tree, None):
            listed = xml.fromstring(self._run(program, '-ltc', '-r=xml'))
            self.cases[test] = [case.get('name') for case in listed.iter('TestCase')]
            for case in self.cases[test]:
                said, summaries = self.run_case(program, case, None if full else FIRST_LOOK,
                                                GIVE_UP_AFTER)
                if said is not None:
                    raise Stale(f'"{case}" fails without any mutation: {said}')
                explored += [(test, case, summary) for summary in summaries]
        return explored


SUMMARY = re.compile(r'(.*): explored (\d+) executions, (\w+), up to (\d+|any) preemptions')


def cell(text):
    return text.replace('|', '\\|').replace('\n', ' ')


def as_markdown(explored, results):
    lines = ['### Explored', '', '| test | search | executions | preemptions | |',
             '|---|---|---:|---:|---|']
    for test, _, summary in explored:
        name, executions, complete, preemptions = SUMMARY.match(summary).groups()
        lines.append(f'| {test} | {cell(name)} | {int(executions):,} | {preemptions} | '
                     f'{complete} |')
    count = {state: sum(r.state == state for r in results)
             for state in ('killed', 'explained', 'SURVIVED', 'error')}
    lines += ['', '### Mutants', '',
              f'{len(results)} mutants: {count["killed"]} killed, {count["explained"]} survive and '
              f'are explained, {count["SURVIVED"] + count["error"]} are open.', '',
              '| mutant | killed by |', '|---|---|']
    for result in results:
        if result.state == 'killed':
            first, more = result.killers[0], len(result.killers) - 1
            lines.append(f'| {cell(result.mutant.id)} | {cell(first)}'
                         f'{f" (and {more} more)" if more else ""} |')
    for state, title in (('explained', '### Survivors, explained'), ('SURVIVED', '### Open'),
                         ('error', '### Not built')):
        if count[state]:
            lines += ['', title, '', '| mutant | why |', '|---|---|']
            lines += [f'| {cell(r.mutant.id)} | {cell(r.mutant.explained or r.error)} |'
                      for r in results if r.state == state]
    return '\n'.join(lines) + '\n'


def as_json(explored, results):
    return json.dumps({
        'explored': [{'test': test, 'case': case, 'summary': summary}
                     for test, case, summary in explored],
        'mutants': [{'id': r.mutant.id, 'file': r.mutant.path, 'what': r.mutant.what,
                     'state': r.state.lower(), 'killed_by': r.killers, 'failure': r.how,
                     'explained': r.mutant.explained, 'full_bounds': r.full, 'error': r.error,
                     'seconds': round(r.seconds, 1)} for r in results],
    }, indent=1) + '\n'


def report(result):
    what = f'  [{result.mutant.what}]' if result.mutant.what else ''
    print(f'{result.state:<10}{result.mutant.id}{what}  ({result.seconds:.0f} s)')
    for killer in result.killers:
        print(f'            {killer}')
    if result.how:
        print(f'            by: {result.how}')
    if result.state == 'explained':
        print(f'            {result.mutant.explained}')
    if result.state == 'killed' and result.mutant.explained:
        print('            note: its explanation in the table is out of date')
    if result.error:
        print(f'            {result.error}')
    sys.stdout.flush()


def chosen(found, patterns):
    return [mutant for mutant in found if not patterns or any(
        pattern in mutant.id or fnmatch.fnmatch(mutant.id, pattern) for pattern in patterns)]


def arguments():
    parser = Parser('mutate.sh', """\
Breaks a copy of the sources in one place at a time (a memory order one step
weaker, a look or a version left out, two steps swapped), builds the model
tests against it and lists the test cases that fail. See docs/reliability.md.""", """\
Exit codes: 0 every mutant was killed or its survival is explained, 1 one
survived, or the table no longer fits the sources, 2 bad usage, 3 something is
missing.""")
    parser.add_argument('--list', action='store_true', help='name the mutants and stop')
    parser.add_argument('--only', metavar='PATTERN', action='append', default=[],
                        help='only mutants whose id contains this, or matches it as a shell pattern '
                             '(repeatable)')
    parser.add_argument('--jobs', metavar='N', type=whole_number(1, 9999), default=1,
                        help='try N mutants at once (default: 1)')
    parser.add_argument('--quick', action='store_true',
                        help='a short search alone: the first test that fails ends the trial of a '
                             'mutant')
    parser.add_argument('--thorough', action='store_true',
                        help='full bounds for all that survive the short search, also for mutants '
                             'whose survival is explained')
    parser.add_argument('--json', metavar='FILE', help='the results for machines')
    parser.add_argument('--markdown', metavar='FILE', help='the results as tables')
    parser.add_compiler(default='g++', help='instead of g++')
    parser.offer_help()
    parser.set_defaults(root=ROOT)
    return parser.read(sys.argv[1:])


def run(options, found):
    results = []
    with tempfile.TemporaryDirectory(prefix='mutate-') as place:
        bench = Bench(options.root, place, options.compiler)
        explored = bench.unmutated(full=not options.only)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for result in pool.map(lambda m: bench.attempt(m, options), found):
                report(result)
                results.append(result)
    for path, text in ((options.json, as_json), (options.markdown, as_markdown)):
        if path:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text(explored, results))
    counts = [sum(r.state == state for r in results) for state in ('killed', 'explained')]
    left = len(results) - sum(counts)
    print(f'{len(results)} mutants: {counts[0]} killed, {counts[1]} explained, {left} open')
    return 1 if left else 0


def main():
    # So that the copies are removed when the run is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = arguments()
    try:
        found = chosen(all_mutants(options.root), options.only)
        if not found:
            print(f'mutate.sh: no mutant matches {" or ".join(options.only)}', file=sys.stderr)
            return 2
        if options.list:
            for mutant in found:
                print(f'{mutant.id}{f"  [{mutant.what}]" if mutant.what else ""}')
            return 0
        return run(options, found)
    except Stale as wrong:
        print(f'mutate.sh: {wrong}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
