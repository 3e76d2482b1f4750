"""Tries mutants: breaks a copy of the sources in one place at a time and runs the model tests.

tools/mutate.sh starts it. The mutants come from catalog.py; trial.py builds and runs them.
"""

import argparse
import concurrent.futures
import fnmatch
import os
import signal
import sys
import tempfile

import report
from catalog import Stale, all_mutants
from trial import Workspace

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'{number}: allowed is 1 or more')
    return number


def arguments():
    parser = argparse.ArgumentParser(prog='mutate.sh', description=(
        'Breaks a copy of the sources in one place at a time (a memory order one step weaker, a read '
        'or a version left out, two steps swapped), builds the model tests against it and lists the '
        'test cases that fail. See docs/reliability.md.'), epilog=(
        'Exit codes: 0 each mutant was killed or its survival is explained, 1 a mutant survived or '
        'the table no longer fits the sources, 2 bad usage, 3 something is missing.'))
    parser.add_argument('--root', default=ROOT, help='the project (default: that of this program)')
    parser.add_argument('--list', action='store_true', help='print the ids of the mutants and stop')
    parser.add_argument('--only', metavar='PATTERN', action='append', default=[],
                        help='only mutants with an id that contains PATTERN, or matches it as a shell '
                             'pattern (repeatable)')
    parser.add_argument('--jobs', metavar='N', type=positive, default=1,
                        help='try N mutants at once (default: 1)')
    parser.add_argument('--quick', action='store_true',
                        help='run the short search alone; the first test case that fails ends the '
                             'trial of a mutant')
    parser.add_argument('--thorough', action='store_true',
                        help='run the full bounds for all mutants that survive the short search, also '
                             'for those with an explanation')
    parser.add_argument('--json', metavar='FILE', help='write the results as JSON')
    parser.add_argument('--markdown', metavar='FILE', help='write the results as tables')
    parser.add_argument('--compiler', metavar='NAME', default='g++', help='default: g++')
    return parser.parse_args()


def chosen(found, patterns):
    return [mutant for mutant in found if not patterns or any(
        pattern in mutant.id or fnmatch.fnmatch(mutant.id, pattern) for pattern in patterns)]


def run(options, found):
    results = []
    with tempfile.TemporaryDirectory(prefix='mutate-') as place:
        workspace = Workspace(options.root, place, options.compiler)
        explored = workspace.unmutated(full=not options.only)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for result in pool.map(lambda mutant: workspace.attempt(mutant, options), found):
                report.print_result(result)
                results.append(result)
    for path, render in ((options.json, report.as_json), (options.markdown, report.as_markdown)):
        if path:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(render(explored, results))
    unresolved = report.count(results, 'SURVIVED', 'error')
    print(f'{len(results)} mutants: {report.count(results, "killed")} killed, '
          f'{report.count(results, "explained")} explained, {unresolved} open')
    return 1 if unresolved else 0


def main():
    # By SystemExit the run removes its copies when it is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = arguments()
    try:
        found = chosen(all_mutants(options.root), options.only)
        if not found:
            print(f'mutate.sh: no mutant matches {" or ".join(options.only)}', file=sys.stderr)
            return 2
        if options.list:
            for mutant in found:
                print(f'{mutant.id}{f"  [{mutant.detail}]" if mutant.detail else ""}')
            return 0
        return run(options, found)
    except Stale as stale:
        print(f'mutate.sh: {stale}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
