# SPDX-License-Identifier: BSL-1.0
"""The report of coverage.py: what of src and include the tests reach, from llvm-cov's export.

Prints a table, and each line and branch that was not reached with its reason from explained.txt
beside this file: lines of `file | text of the line | reason`. The table can go between the two
marks of a page.
"""

import json
import os
import sys

BEGIN = '<!-- coverage: written by tools/coverage.sh --update -->\n'
END = '<!-- end of coverage -->\n'


def read_reasons(path):
    reasons = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                name, rest = line.split(' | ', 1)
                text, why = rest.rsplit(' | ', 1)  # the text may be an expression of bits
                reasons[name.strip(), text.strip()] = why.strip()
    return reasons


def missed_lines(segments):
    """Lines that begin in a region that was counted, never entered."""
    return {line for line, _, count, counted, entry, gap in segments
            if counted and entry and not gap and count == 0}


def missed_branches(branches):
    """Lines with a condition that was only ever true, or only ever false."""
    counts = {}
    for line, column, _, _, true, false, *_ in branches:
        seen = counts.setdefault((line, column), [0, 0])
        seen[0] += true
        seen[1] += false
    return {line for (line, _), seen in counts.items() if 0 in seen}


class file_coverage:
    def __init__(self, root, data):
        self.name = os.path.relpath(data['filename'], root)
        self.lines = data['summary']['lines']
        self.branches = data['summary']['branches']
        with open(data['filename'], encoding='utf-8') as file:
            text = file.read().split('\n')
        missed = missed_lines(data['segments']) | missed_branches(data['branches'])
        self.missed = sorted({text[line - 1].strip() for line in missed})


def percent(part):
    return f'{100 * part["covered"] / part["count"]:.1f} %' if part['count'] else '-'


def total(files, what):
    return {key: sum(getattr(each, what)[key] for each in files) for key in ('covered', 'count')}


def table(files):
    yield '| | lines | branches |\n|---|---|---|\n'
    for each in files:
        yield f'| `{each.name}` | {percent(each.lines)} | {percent(each.branches)} |\n'
    yield (f'| **all** | **{percent(total(files, "lines"))}** of {total(files, "lines")["count"]} '
           f'| **{percent(total(files, "branches"))}** of {total(files, "branches")["count"]} |\n')


# What depends on how threads meet may be reached in one run and not in the next.
BY_CHANCE = ('another thread in between', 'as it happens')


def explanations(files, reasons):
    """The list for people; adds to what is open."""
    open_ends = []
    lines = []
    used = set()
    for each in files:
        for text in each.missed:
            why = reasons.get((each.name, text))
            used.add((each.name, text))
            if why is None:
                open_ends.append(f'{each.name}: {text}')
            lines.append(f'- `{each.name}`: `{text}`: {why or "**not explained**"}\n')
    open_ends += [f'explained, but reached: {name}: {text}'
                  for (name, text), why in reasons.items()
                  if (name, text) not in used and not any(each in why for each in BY_CHANCE)]
    return lines, open_ends


def update(page, text):
    with open(page, encoding='utf-8') as file:
        before, rest = file.read().split(BEGIN)
        after = rest.split(END)[1]
    with open(page, 'w', encoding='utf-8') as file:
        file.write(before + BEGIN + text + END + after)


def main(root, coverage, page=None):
    """The exit code: 1 when something has no reason, or a reason is given for what was reached."""
    with open(coverage, encoding='utf-8') as file:
        data = json.load(file)['data'][0]
    files = sorted((file_coverage(root, each) for each in data['files']), key=lambda f: f.name)
    here = os.path.dirname(os.path.abspath(__file__))
    lines, open_ends = explanations(files, read_reasons(os.path.join(here, 'explained.txt')))
    figures = '\n' + ''.join(table(files)) + '\n'
    print(figures + 'Not reached, and why:\n\n' + ''.join(lines))
    if page:
        update(page, figures)
    for each in open_ends:
        print(f'error: {each}', file=sys.stderr)
    return 1 if open_ends else 0
