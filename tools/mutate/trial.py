# SPDX-License-Identifier: BSL-1.0
"""Builds the tests with a mutant and runs their test cases. Used by mutate.py."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

from catalog import Mutant
from sources import Stale, checker_sources, model_programs, plain_programs

# Compiled once: headers that most sources include and no mutant changes.
PREAMBLE = ['<doctest/doctest.h>', '<algorithm>', '<array>', '<chrono>', '<functional>',
            '<memory>', '<optional>', '<string>', '<vector>', '"checker/atomic.hpp"',
            '"checker/model_test.hpp"']
SHORT_SEARCH = 5000  # executions of each search in the short pass
SHORT_SECONDS = 60  # limit of a test case in the short pass; no search takes as long
FULL_SECONDS = 300  # limit of a test case at full bounds


@dataclass
class Result:
    mutant: Mutant
    killers: list = field(default_factory=list)  # names of test cases
    failure: str = ''  # of the first of them
    full: bool = False  # the searches ran with the full bounds of the tests
    error: str = ''
    seconds: float = 0

    @property
    def state(self):
        if self.error:
            return 'error'
        if self.killers:
            return 'killed'
        return 'explained' if self.mutant.explanation else 'SURVIVED'


def object_name(source):
    return re.sub(r'\W', '_', source) + '.o'


class Workspace:
    """A copy of the project in `place`, in which mutants are built and tried."""

    def __init__(self, root, place, compiler):
        self.place = place
        self.compiler = compiler
        self.base = os.path.join(place, 'base')
        for folder in ('src', 'include', 'tests/checker', 'tests/model', 'tests/unit', 'tests/support'):
            shutil.copytree(os.path.join(root, folder), os.path.join(self.base, folder))
        self.models = model_programs(self.base)
        self.programs = {**plain_programs(), **self.models}  # the fastest first
        self.preamble = self._build_preamble()
        self.checker = self._build_checker()
        sources = {source for listed in self.programs.values() for source in listed}
        self.includes = {source: self._dependencies(source) for source in sorted(sources)}
        for source in sorted(sources):
            self._compile(self.base, source, self._base_object(source))
        self.cases = {}

    # Building

    def _flags(self, tree, model=True):
        return ['-std=c++20', '-w', *(['-DADMIT_MODEL'] if model else []), f'-I{self.base}/tests',
                f'-I{tree}/src', f'-I{tree}/include']

    def _run(self, *command):
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise RuntimeError(done.stdout[:2000])
        return done.stdout

    def _build_preamble(self):
        preamble = os.path.join(self.place, 'preamble.hpp')
        with open(preamble, 'w', encoding='utf-8') as file:
            file.writelines(f'#include {header}\n' for header in PREAMBLE)
        self._run(self.compiler, *self._flags(self.base), '-O1', '-x', 'c++-header', preamble,
                  '-o', preamble + '.gch')
        return preamble

    def _build_checker(self):
        objects = []
        for source in checker_sources(self.base):
            objects.append(self._base_object(source))
            self._run(self.compiler, *self._flags(self.base), '-O2', '-c',
                      os.path.join(self.base, source), '-o', objects[-1])
        return objects

    def _base_object(self, source):
        return os.path.join(self.place, object_name(source))

    def _dependencies(self, source):
        rule = self._run(self.compiler, *self._flags(self.base), '-MM',
                         os.path.join(self.base, source))
        return {os.path.relpath(word, self.base) for word in rule.replace('\\\n', ' ').split()[1:]}

    def _compile(self, tree, source, target):
        within = tree if source.startswith('src/') else self.base
        model = source.startswith(('src/', 'tests/model/'))
        preamble = ['-include', self.preamble] if model else []
        self._run(self.compiler, *self._flags(tree, model), '-O1', *preamble, '-c',
                  os.path.join(within, source), '-o', target)

    def build(self, tree, mutated=None):
        """Yields (test, program) for the tests that include the mutated file, built from `tree`;
        for all tests if no file is mutated."""
        for test, sources in self.programs.items():
            affected = {source for source in sources if mutated in self.includes[source]}
            if mutated is not None and not affected:
                continue
            objects = []
            for source in sources:
                if source in affected:
                    objects.append(os.path.join(tree, object_name(source)))
                    if not os.path.exists(objects[-1]):  # a test before may have built it
                        self._compile(tree, source, objects[-1])
                else:
                    objects.append(self._base_object(source))
            program = os.path.join(tree, f'test_{test}')
            checker = self.checker if test in self.models else []
            self._run(self.compiler, *objects, *checker, '-o', program)
            yield test, program

    # Running

    def run_case(self, program, case, executions, seconds):
        """The failure of a test case, None if it passes; and the summaries of its searches."""
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
                # With few executions it is an endless loop, at full bounds it is a long search.
                return ('does not end' if executions else None), []
        summaries = re.findall(r'^model: (.*)$', output, re.M)
        if process.returncode == 0:
            return None, summaries
        if process.returncode < 0:
            return signal.Signals(-process.returncode).name, summaries
        message = re.search(r'ERROR: (.*)', output)
        return (message.group(1) if message else 'fails').strip(), summaries

    def _try_cases(self, test, program, result, executions, seconds, stop_at_first=False):
        for case in self.cases[test]:
            if stop_at_first and result.killers:
                return
            failure, _ = self.run_case(program, case, executions, seconds)
            if failure is not None:
                result.killers.append(f'{test}: {case}')
                result.failure = result.failure or failure

    def _try_programs(self, tree, result, options):
        programs = []
        for test, program in self.build(tree, result.mutant.path):
            programs.append((test, program))
            self._try_cases(test, program, result, SHORT_SEARCH, SHORT_SECONDS, options.quick)
            if options.quick and result.killers:
                break
        result.full = not result.killers and not options.quick and (
            options.thorough or not result.mutant.explanation)
        for test, program in programs if result.full else []:
            self._try_cases(test, program, result, None, FULL_SECONDS)

    def attempt(self, mutant, options):
        """The result of a mutant: built into a tree of its own, and tried."""
        begin = time.monotonic()
        result = Result(mutant)
        tree = tempfile.mkdtemp(prefix='mutant-', dir=self.place)
        try:
            for folder in ('src', 'include'):
                shutil.copytree(os.path.join(self.base, folder), os.path.join(tree, folder))
            with open(os.path.join(tree, mutant.path), 'w', encoding='utf-8') as file:
                file.write(mutant.text)
            self._try_programs(tree, result, options)
        except RuntimeError as failed:
            result.error = str(failed)
        finally:
            shutil.rmtree(tree)
        result.seconds = time.monotonic() - begin
        return result

    def unmutated(self, full):
        """The summaries of all searches on the unchanged sources. Raises Stale if a test fails."""
        tree = os.path.join(self.place, 'unmutated')
        os.makedirs(tree)
        explored = []
        for test, program in self.build(tree):
            listed = xml.fromstring(self._run(program, '-ltc', '-r=xml'))
            self.cases[test] = [case.get('name') for case in listed.iter('TestCase')]
            for case in self.cases[test]:
                failure, summaries = self.run_case(program, case, None if full else SHORT_SEARCH,
                                                   FULL_SECONDS)
                if failure is not None:
                    raise Stale(f'"{case}" fails without any mutation: {failure}')
                explored += [(test, case, summary) for summary in summaries]
        return explored
