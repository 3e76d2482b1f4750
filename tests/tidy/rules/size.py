# SPDX-License-Identifier: BSL-1.0
"""Sizes: the lines of code of the library. Optional parts are not of it: src/python, src/metrics, src/fleet."""

import collections
import re

from rules.tree import code_only, rule

LINE_BUDGET = 7360  # of code in include/ and src/, without comments, blank lines and assertions
OPTIONAL = ('src/python/', 'src/metrics/', 'src/fleet/', 'include/admit/metrics.hpp')
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


def of_library(tree):
    return ((path, text) for path, text in tree.cpp('include', 'src') if not path.startswith(OPTIONAL))


def print_counts(tree):
    counts = collections.Counter()
    for path, text in of_library(tree):
        counts[path.rsplit('/', 1)[0]] += lines_of_code(text)
    for folder, lines in sorted(counts.items()):
        print(f'{lines:6} {folder}')
    print(f'{counts.total():6} include and src')


@rule(bad=[{'src/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)}],
      good=[{'src/a.cpp': 'int x;\n', 'tests/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)},
            {'src/a.cpp': '// x\n\n' * (LINE_BUDGET + 1)},
            {'src/fleet/a.hpp': 'int x;\n' * (LINE_BUDGET + 1)},
            {'src/python/a.h': 'int x;\n' * (LINE_BUDGET + 1)},
            {'src/metrics/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)},
            {'src/a.cpp': 'ADMIT_ASSERT(f(a) &&\n    b);\n' * (LINE_BUDGET // 2 + 1)}])
def small_enough_to_read(tree):
    lines = sum(lines_of_code(text) for _, text in of_library(tree))
    if lines >= LINE_BUDGET:
        yield 'src', 1, f'include/ and src/ have {lines} lines of code, allowed are {LINE_BUDGET - 1}'
