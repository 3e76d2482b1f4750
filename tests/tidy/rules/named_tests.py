# SPDX-License-Identifier: BSL-1.0
"""The tests that pages name exist."""

import re

from rules.tree import line_of, markdown, rule


NAMED_FILE = re.compile(r'`((?:unit|model|stress|history|async|load|fuzz|tidy)/[\w./]+)`')
QUOTED = re.compile(r'\s*(?:,|and|or)?\s*"([^"`]+)"')
CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)')
FAULTS = 38  # rows of the table of faults, numbered from 1
MISSING = '*not there yet*'  # a row, or a part of it, that has no test


def cases_in(text):
    for match in CASE.finditer(text):
        parts = re.findall(r'"((?:\\.|[^"\\])*)"', match.group(1))
        yield ''.join(parts).replace('\\"', '"')


def tests_named_in(text):
    """(position, file, names): what follows a file in quotation marks are its tests."""
    for match in NAMED_FILE.finditer(text):
        names, end = [], match.end()
        while (quoted := QUOTED.match(text, end)) is not None:
            names.append(' '.join(quoted.group(1).split()))
            end = quoted.end()
        yield match.start(), match.group(1), names


def fault_rows(text):
    """(line, number, last cell) of each row of the table of faults."""
    for number, line in enumerate(text.split('\n'), 1):
        cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
        if line.startswith('|') and cells[0].isdigit():
            yield number, int(cells[0]), cells[-1]


TESTED = {'tests/unit/a.cpp': 'TEST_CASE("it is so") {}\nTEST_CASE("split "\n    "in two") {}\n'}
ALL_FAULTS = ''.join(f'| {n} | x | y | `unit/a.cpp` "it is" |\n' for n in range(1, FAULTS + 1))


@rule(bad=[{**TESTED, 'docs/invariants.md': '- `unit/gone.cpp` "it is so".\n'},
           {**TESTED, 'docs/invariants.md': '- `unit/a.cpp` "it is not so".\n'},
           {**TESTED, 'docs/invariants.md': '- `unit/a.cpp` "it is so", "is so".\n'},
           {**TESTED, 'docs/reliability.md': ALL_FAULTS.replace('"it is"', '"it was"', 1)},
           {**TESTED, 'docs/reliability.md': ALL_FAULTS.replace('| 7 |', '| 8 |')},
           {**TESTED, 'docs/reliability.md': ALL_FAULTS.replace('`unit/a.cpp` "it is"', '', 1)}],
      good=[{**TESTED, 'docs/invariants.md': '- `unit/a.cpp` "it is so",\n  "split in\n  two".\n',
             'docs/reliability.md': ALL_FAULTS.replace(
                 '`unit/a.cpp` "it is"', '*not there yet*: no waiting', 1)}])
def named_tests_exist(tree):
    """A page that says which test shows something is right about it."""
    for path, text in markdown(tree):
        for position, file, names in tests_named_in(text):
            source = tree.files.get('tests/' + file)
            if source is None:
                yield path, line_of(text, position), f'there is no tests/{file}'
                continue
            cases = list(cases_in(source))
            for name in names:
                if not any(case.startswith(name) for case in cases):
                    yield path, line_of(text, position), f'tests/{file} has no test "{name}..."'
    yield from faults_without_a_test(tree)


def faults_without_a_test(tree):
    path = 'docs/reliability.md'
    if path not in tree.files:
        return
    rows = list(fault_rows(tree.files[path]))
    if [number for _, number, _ in rows] != list(range(1, FAULTS + 1)):
        yield path, 1, f'the table of faults has other rows than 1 to {FAULTS}, in this order'
    for line, number, shown_by in rows:
        if MISSING not in shown_by and not NAMED_FILE.search(shown_by):
            yield path, line, f'fault {number} names no test, and does not say {MISSING}'
