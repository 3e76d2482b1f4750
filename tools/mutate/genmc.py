# SPDX-License-Identifier: BSL-1.0
"""Runs the scenarios of tests/model/genmc under GenMC, with and without the mutants that they list.

tools/genmc.sh starts it. tests/model/genmc/README.md says how to build GenMC, and what it covers.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from catalog import all_mutants
from mutate import ROOT  # also finds tools/common
from options import Parser, one_of, whole_number
from sources import Stale

FOLDER = 'tests/model/genmc'
COMPILER = 'clang++-14'
OPTIMIZER = 'opt-14'
# The first step does not optimise. The second step inlines calls and turns local variables into
# registers. Other passes would move loads of plain data to places where they race.
COMPILE = ['-std=c++20', '-fno-exceptions', '-O1', '-Xclang', '-disable-llvm-passes', '-g', '-S',
           '-emit-llvm']
PASSES = '-passes=cgscc(inline),function(sroa),globaldce'
# Loops are searched as they are, without transformations that shorten the search.
OPTIONS = ['--disable-estimation', '--disable-mm-detector', '--disable-spin-assume',
           '--disable-loop-jump-threading']
EXPLORED = re.compile(r'complete executions explored: (\d+)')
FOUND = re.compile(r'^(?:Error: (.*)!|Assertion violation: (.*))$', re.M)


@dataclass
class Verdict:
    holds: bool  # the search was complete and found no violation
    violation: str
    executions: int
    seconds: float


class NotRun(Exception):
    """There is no verdict: a program is missing, fails, or takes too long."""


def run(command, seconds):
    try:
        return subprocess.run(command, text=True, errors='replace', timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError as missing:
        raise NotRun(f'{missing.filename} is missing') from missing
    except subprocess.TimeoutExpired as late:
        raise NotRun(f'not done in {seconds} seconds') from late


def adapted(code):
    """The program as GenMC reads it.

    GenMC knows one order of a compare-and-swap, that of success. The atomics of the scenarios read
    first, in the order of failure. Where that order acquires and the order of success does not, the
    order of success becomes one that acquires.
    """
    code = re.sub(r'(cmpxchg.*) monotonic acquire', r'\1 acquire acquire', code)
    code = re.sub(r'(cmpxchg.*) release acquire', r'\1 acq_rel acquire', code)
    # GenMC does not know this intrinsic, which has an effect on optimisation only.
    return re.sub(r'^.*call void @llvm\.assume\(.*\n', '', code, flags=re.M)


def compile_scenario(options, scenario, sources, place):
    """The path of the program in LLVM's language."""
    code = os.path.join(place, f'{scenario}.ll')
    compiled = run([COMPILER, *COMPILE, f'-I{sources}', f'-I{options.root}/{FOLDER}',
                    f'-I{options.root}/src', f'-I{options.root}/tests',
                    os.path.join(options.root, FOLDER, f'{scenario}.cpp'), '-o', code],
                   options.seconds)
    if compiled.returncode:
        raise NotRun(compiled.stdout[:1000])
    with open(code, encoding='utf-8') as file:
        text = adapted(file.read())
    with open(code, 'w', encoding='utf-8') as file:
        file.write(text)
    optimized = run([OPTIMIZER, '-S', PASSES, code, '-o', code], options.seconds)
    if optimized.returncode:
        raise NotRun(optimized.stdout[:1000])
    return code


def verify(options, scenario, sources, place):
    """The verdict on a scenario; the headers in `sources` come before those of the project."""
    code = compile_scenario(options, scenario, sources, place)
    begin = time.monotonic()
    done = run([options.genmc, *OPTIONS, f'--{options.memory}', '--input-from-bitcode-file', code],
               options.seconds)
    explored = EXPLORED.search(done.stdout)
    if explored is None or (done.returncode == 0) != ('No errors were detected' in done.stdout):
        raise NotRun(done.stdout[-1000:])
    violation = ': '.join(error or failed for error, failed in FOUND.findall(done.stdout))
    return Verdict(done.returncode == 0, violation, int(explored.group(1)),
                   time.monotonic() - begin)


def planted_mutants(root):
    """The mutants that each scenario has to find, by its name. Raises Stale for an unknown mutant."""
    mutants = {mutant.id: mutant for mutant in all_mutants(root)}
    found = {}
    with open(os.path.join(root, FOLDER, 'planted.txt'), encoding='utf-8') as file:
        for line in filter(None, file.read().split('\n')):
            if line.startswith('['):
                scenario = found.setdefault(line.strip('[]'), [])
            elif not line.startswith('#'):
                if line not in mutants:
                    raise Stale(f'planted.txt: no mutant is called {line}')
                scenario.append(mutants[line])
    return found


def plant(mutant, place):
    """Writes the mutated file into a folder for it alone; returns its path."""
    path = os.path.join(place, 'planted', mutant.path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(mutant.text)
    return path


def try_unmutated(options, scenario, sources, place):
    """Whether the scenario holds."""
    try:
        verdict = verify(options, scenario, sources, place)
    except NotRun as failed:
        print(f'NOT RUN {scenario}: {failed}')
        return False
    print(f'{"holds" if verdict.holds else "FAILS":<8}{scenario}: {verdict.executions:,} '
          f'executions, {verdict.seconds:.1f} s'
          f'{f": {verdict.violation}" if verdict.violation else ""}')
    return verdict.holds


def try_mutant(options, scenario, mutant, sources, place):
    """Whether the scenario finds the mutant."""
    path = plant(mutant, place)
    try:
        verdict = verify(options, scenario, sources, place)
    except NotRun as failed:
        print(f'        NOT RUN: {mutant.id}: {failed}')
        return False
    finally:
        os.remove(path)
    print(f'        {"MISSED" if verdict.holds else "found"}: {mutant.id} ({verdict.violation})')
    return not verdict.holds


def try_scenario(options, scenario, mutants, place):
    """The number of results that are not as they should be."""
    sources = os.path.join(place, 'planted', 'src')
    wrong = not try_unmutated(options, scenario, sources, place)
    for mutant in mutants:
        wrong += not try_mutant(options, scenario, mutant, sources, place)
    sys.stdout.flush()
    return wrong


def arguments():
    parser = Parser('genmc.sh', """\
Runs the scenarios of tests/model/genmc, which use the headers of src as they
are, under GenMC. How to build it is in tests/model/genmc/README.md; nothing is
installed from here.""", """\
Exit codes: 0 no mistake was found but those that were planted, 1 one was, or a
planted one was not, 2 bad usage, 3 something is missing.""")
    parser.add_argument('--genmc', metavar='PROGRAM', required=True, help='the genmc that was built')
    parser.add_argument('--only', metavar='TEXT', action='append', default=[],
                        help='only scenarios whose name contains this (repeatable)')
    parser.add_argument('--planted', action='store_true',
                        help='also plants the mistakes that each scenario lists, one at a time: '
                             'GenMC has to find each of them')
    parser.add_argument('--memory', metavar='MODEL', type=one_of('rc11', 'imm'), default='rc11',
                        help='rc11, the one of C++20 (default), or imm, one of hardware')
    parser.add_argument('--seconds', metavar='N', type=whole_number(1, 999999), default=600,
                        help='what one run may take (default: 600)')
    parser.offer_help()
    parser.set_defaults(root=ROOT)
    return parser.read(sys.argv[1:])


def main():
    options = arguments()
    scenarios = sorted(name[:-len('.cpp')]
                       for name in os.listdir(os.path.join(options.root, FOLDER))
                       if name.endswith('.cpp') and
                       (not options.only or any(text in name for text in options.only)))
    if not scenarios:
        print(f'genmc.sh: no scenario matches {" or ".join(options.only)}', file=sys.stderr)
        return 2
    try:
        planted = planted_mutants(options.root) if options.planted else {}
        with tempfile.TemporaryDirectory(prefix='genmc-') as place:
            wrong = sum(try_scenario(options, each, planted.get(each, []), place)
                        for each in scenarios)
    except Stale as stale:
        print(f'genmc.sh: {stale}', file=sys.stderr)
        return 1
    print(f'{len(scenarios)} scenarios, {wrong} not as they should be')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
