# SPDX-License-Identifier: BSL-1.0
"""tools/bench_python.sh: times of the Python package, beside those of what a bot has without it."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.dirname(HERE)
for folder in ('common', 'packaging'):
    sys.path.insert(0, os.path.join(TOOLS, folder))
import build_wheel  # noqa: E402
import installing  # noqa: E402
import packages  # noqa: E402
from console import FAILED, ROOT, Stop, program, say  # noqa: E402
from options import Parser, whole_number  # noqa: E402

MODULE = 'bot/conversation_manager.py'
PAGE = 'docs/guide/python.md'
BEGIN, END = '<!-- written by tools/bench_python.sh --page -->\n', '<!-- to here -->\n'
NAMES = {'native': 'try_admit, end', 'raising': 'admit, end', 'block': 'async with conversation',
         'drop_in': 'drop-in manager', 'older': 'older manager', 'lock_and_dict': 'asyncio.Lock and a dict',
         'semaphores': 'semaphores in a dict', 'semaphore': 'asyncio.Semaphore, one limit'}
ROWS = {'pair': 'a start and an end', 'refusal': 'a refusal',
        'hand_over': 'a turn in a queue of 100 tasks, 2 at once'}
# How many times as fast as the older manager, or as a lock and a dict, at least.
TARGETS = (('pair', 'native', 8), ('refusal', 'native', 4), ('refusal', 'raising', 2), ('pair', 'drop_in', 3))
DESCRIPTION = '''\
Builds the wheel, installs it into a temporary environment and measures it there,
in rounds that take turns with what a bot can write with asyncio alone. The medians
go to standard output.'''
EXIT_CODES = '''\
Exit codes: 0 measured, 1 the build or a run failed, 2 bad usage, 3 something is
missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('bench_python.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--calls', metavar='N', type=whole_number(100, 10_000_000), default=50_000,
                        help='calls in each round (default: 50000)')
    parser.add_argument('--rounds', metavar='N', type=whole_number(1, 1000), default=9,
                        help='rounds (default: 9)')
    parser.add_argument('--older', metavar='DIR',
                        help=f'a folder with {MODULE}, to be measured as well')
    parser.add_argument('--page', action='store_true', help=f'write the table into {PAGE} as well; needs --older')
    parser.add_argument('--json', action='store_true', help='the medians as JSON, in microseconds')
    parser.add_common()
    parser.offer_help()
    return parser


def measure(wheel, folder, options):
    python = build_wheel.environment(os.path.join(folder, 'environment'), wheel)
    command = [python, os.path.join(HERE, 'measure.py'), str(options.calls), str(options.rounds)]
    if options.older is not None:
        command.append(os.path.join(options.older, MODULE))
    done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise Stop(FAILED, 'the measurement failed')
    return json.loads(done.stdout)


def table(medians):
    lines = ['| what | by | us | times as fast |', '|---|---|---:|---:|']
    for row, columns in medians.items():
        beside = next(name for name in ('older', 'lock_and_dict', 'semaphore') if name in columns)
        for name, median in columns.items():
            ratio = '1' if name == beside else f'{columns[beside] / median:.2g}'
            lines.append(f'| {ROWS[row]} | {NAMES[name]} | {median:.3g} | {ratio} |')
    return '\n'.join(lines)


def targets(medians):
    """Whether each is reached; without the older manager, beside a lock and a dict, which has less to do."""
    lines = []
    for row, name, wanted in TARGETS:
        beside = 'older' if 'older' in medians[row] else 'lock_and_dict'
        ratio = medians[row][beside] / medians[row][name]
        word = 'reached' if ratio >= wanted else 'missed'
        lines.append(f'{word}: {ROWS[row]} by {NAMES[name]}, {ratio:.2g} x of {NAMES[beside]}; wanted {wanted} x')
    return '\n'.join(lines)


def page_with(text, medians):
    """The page with another table between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f'{before}{BEGIN}\n{table(medians)}\n\n{END}{after}'


def main(arguments):
    options = make_parser().read(arguments)
    if options.page and options.older is None:
        make_parser().error('--page needs --older: the page has its times as well')
    if options.older is not None and not os.path.isfile(os.path.join(options.older, MODULE)):
        make_parser().error(f'--older {options.older}: there is no {MODULE} in it')
    installing.install([*packages.for_build('g++'), *packages.WHEEL], options.yes)
    with tempfile.TemporaryDirectory() as folder:
        say('building the wheel')
        wheel = build_wheel.build(folder)
        say(f'measuring: {options.rounds} rounds')
        medians = measure(wheel, folder, options)
    if options.page:
        path = os.path.join(ROOT, PAGE)
        with open(path, encoding='utf-8') as page:
            text = page_with(page.read(), medians)
        with open(path, 'w', encoding='utf-8') as page:
            page.write(text)
    if options.json:
        print(json.dumps(medians, indent=2))
        return 0
    print(table(medians))
    print()
    print(targets(medians))
    return 0


if __name__ == '__main__':
    program(main)
