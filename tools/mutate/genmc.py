"""The run behind tools/genmc.sh: the scenarios of tests/model/genmc under GenMC, with and without
the mistakes that they list."""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from mutate import Stale, all_mutants  # also finds tools/common
from console import ROOT
from options import Parser, one_of, whole_number

FOLDER = 'tests/model/genmc'
COMPILER = 'clang++-14'
OPTIMIZER = 'opt-14'
# To LLVM's language as it comes, and then only what turns local variables into registers: the
# optimizer would move loads of plain data to where they race.
COMPILE = ['-std=c++20', '-fno-exceptions', '-O1', '-Xclang', '-disable-llvm-passes', '-g', '-S',
           '-emit-llvm']
PASSES = '-passes=cgscc(inline),function(sroa),globaldce'
# Loops are searched as they are, without the transformations that are meant to shorten that.
OPTIONS = ['--disable-estimation', '--disable-mm-detector', '--disable-spin-assume',
           '--disable-loop-jump-threading']
EXPLORED = re.compile(r'complete executions explored: (\d+)')
FOUND = re.compile(r'^(?:Error: (.*)!|Assertion violation: (.*))$', re.M)


@dataclass
class Verdict:
    sound: bool  # nothing was found, and everything was searched
    what: str  # was found
    executions: int
    seconds: float


class Failed(Exception):
    """No verdict."""


def run(command, seconds):
    try:
        return subprocess.run(command, text=True, errors='replace', timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError as missing:
        raise Failed(f'{missing.filename} is missing') from missing
    except subprocess.TimeoutExpired as late:
        raise Failed(f'not done in {seconds} seconds') from late


def adapted(code):
    """GenMC knows one order of a compare-and-swap, that of its success; the atomics of the scenarios
    read in the weaker order of the failure first. Where the failure acquires and the success does
    not, both are made to acquire."""
    code = re.sub(r'(cmpxchg.*) monotonic acquire', r'\1 acquire acquire', code)
    code = re.sub(r'(cmpxchg.*) release acquire', r'\1 acq_rel acquire', code)
    # What the compiler may assume is nothing that GenMC understands.
    return re.sub(r'^.*call void @llvm\.assume\(.*\n', '', code, flags=re.M)


def verify(options, scenario, sources, place):
    """The verdict on a scenario, with the headers in `sources` before those of the project."""
    code = os.path.join(place, f'{scenario}.ll')
    compiled = run([COMPILER, *COMPILE, f'-I{sources}', f'-I{options.root}/{FOLDER}',
                    f'-I{options.root}/src', f'-I{options.root}/tests',
                    os.path.join(options.root, FOLDER, f'{scenario}.cpp'), '-o', code],
                   options.seconds)
    if compiled.returncode:
        raise Failed(compiled.stdout[:1000])
    with open(code, encoding='utf-8') as file:
        text = adapted(file.read())
    with open(code, 'w', encoding='utf-8') as file:
        file.write(text)
    optimized = run([OPTIMIZER, '-S', PASSES, code, '-o', code], options.seconds)
    if optimized.returncode:
        raise Failed(optimized.stdout[:1000])
    begin = time.monotonic()
    done = run([options.genmc, *OPTIONS, f'--{options.memory}', '--input-from-bitcode-file', code],
               options.seconds)
    explored = EXPLORED.search(done.stdout)
    if explored is None or (done.returncode == 0) != ('No errors were detected' in done.stdout):
        raise Failed(done.stdout[-1000:])
    what = ': '.join(a or b for a, b in FOUND.findall(done.stdout))
    return Verdict(done.returncode == 0, what, int(explored.group(1)), time.monotonic() - begin)


def planted_in(root):
    """The mistakes that each scenario is to find."""
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
    """Headers with a mistake in them, in a folder of their own."""
    path = os.path.join(place, 'planted', mutant.path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(mutant.text)
    return path


def try_scenario(options, scenario, planted, place):
    """How many things are not as they should be."""
    sources = os.path.join(place, 'planted', 'src')
    wrong = 0
    try:
        verdict = verify(options, scenario, sources, place)
        wrong += not verdict.sound
        print(f'{"holds" if verdict.sound else "FAILS":<8}{scenario}: {verdict.executions:,} '
              f'executions, {verdict.seconds:.1f} s{verdict.what and ": " + verdict.what}')
    except Failed as failed:
        wrong += 1
        print(f'NOT RUN {scenario}: {failed}')
    for mutant in planted:
        path = plant(mutant, place)
        try:
            verdict = verify(options, scenario, sources, place)
            wrong += verdict.sound
            print(f'        {"MISSED" if verdict.sound else "found"}: {mutant.id} ({verdict.what})')
        except Failed as failed:
            wrong += 1
            print(f'        NOT RUN: {mutant.id}: {failed}')
        os.remove(path)
    sys.stdout.flush()
    return wrong


def arguments():
    parser = Parser('genmc.sh', """\
Runs the scenarios of tests/model/genmc, which use the headers of src as they
are, under GenMC. How to get it is in tests/checker/README.md; nothing is
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
        planted = planted_in(options.root) if options.planted else {}
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
