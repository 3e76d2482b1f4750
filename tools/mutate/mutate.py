# SPDX-License-Identifier: BSL-1.0
"""Tries mutants: breaks a copy of the sources in one place at a time and runs the tests.

tools/mutate.sh starts it. The mutants come from catalog.py; trial.py builds and runs them.
"""

import concurrent.futures
import fnmatch
import os
import signal
import sys
import tempfile

import report
from catalog import all_mutants
from sources import Stale
from trial import Workspace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'common'))
from console import ROOT  # noqa: E402
from options import Parser, whole_number  # noqa: E402


def arguments():
    parser = Parser('mutate.sh', """\
Breaks a copy of the sources in one place at a time (a memory order one step
weaker, a look or a version left out, two steps swapped), builds the model
tests against it (and the unit tests of structures that one thread at a time
uses) and lists the test cases that fail. See docs/reliability.md.""", """\
Exit codes: 0 every mutant was killed or its survival is explained, 1 one
survived, or the table no longer fits the sources, 2 bad usage, 3 something is
missing.""")
    parser.add_argument('--list', action='store_true', help='name the mutants and stop')
    parser.add_argument('--only', metavar='PATTERN', action='append', default=[],
                        help='only mutants with an id that contains this, or matches it as a shell pattern '
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
