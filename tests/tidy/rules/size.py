"""Sizes: the lines of code of the library, and of each file."""

import collections
import re

from rules.tree import CODE_DIRS, code_only, rule

LINE_BUDGET = 4680  # of code in include/ and src/, without comments, blank lines and assertions
FILE_LINES = 300
LONGER = {}  # path: the reason why the file is longer
ASSERT = re.compile(r'(?<!define )\bADMIT_ASSERT\s*\(')


def without_assertions(code):
    """Blanks ADMIT_ASSERT statements, which may span lines."""
    while match := ASSERT.search(code):
        end, depth = match.end(), 1
        while end < len(code) and depth:
            depth += {'(': 1, ')': -1}.get(code[end], 0)
            end += 1
        end += code[end:end + 1] == ';'
        code = code[:match.start()] + re.sub(r'[^\n]', ' ', code[match.start():end]) + code[end:]
    return code


def lines_of_code(text):
    return sum(1 for line in without_assertions(code_only(text)).split('\n') if line.strip())


def print_counts(tree):
    counts = collections.Counter()
    for path, text in tree.cpp('include', 'src'):
        counts[path.rsplit('/', 1)[0]] += lines_of_code(text)
    for folder, lines in sorted(counts.items()):
        print(f'{lines:6} {folder}')
    print(f'{counts.total():6} include and src')


@rule(bad=[{'src/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)}],
      good=[{'src/a.cpp': 'int x;\n', 'tests/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)},
            {'src/a.cpp': '// x\n\n' * (LINE_BUDGET + 1)},
            {'src/a.cpp': 'ADMIT_ASSERT(f(a) &&\n    b);\n' * (LINE_BUDGET // 2 + 1)}])
def small_enough_to_read(tree):
    lines = sum(lines_of_code(text) for _, text in tree.cpp('include', 'src'))
    if lines >= LINE_BUDGET:
        yield 'src', 1, f'include/ and src/ have {lines} lines of code, allowed are {LINE_BUDGET - 1}'


# Not registered yet: files of other folders are still longer.
def files_and_functions(tree):
    """The length of functions is checked by clang-tidy, readability-function-size."""
    for path, text in tree.files.items():
        lines = text.count('\n')
        if path.startswith(tuple(f + '/' for f in CODE_DIRS)) and path not in LONGER and \
                path.endswith(('.cpp', '.hpp', '.py', '.sh')) and lines > FILE_LINES:
            yield path, 1, f'{lines} lines, allowed are {FILE_LINES}'


# Not registered yet: the lines have to be added first.
def files_name_their_license(tree):
    for path, text in tree.files.items():
        if path.startswith(('include/', 'src/', 'tests/', 'tools/', 'docs/examples/')) and \
                path.endswith(('.hpp', '.cpp', '.py', '.sh', 'meson.build')) and \
                'SPDX-License-Identifier: BSL-1.0' not in '\n'.join(text.split('\n')[:3]):
            yield path, 1, 'SPDX-License-Identifier: BSL-1.0 is missing from the first three lines'
