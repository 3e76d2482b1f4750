#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What the pages for users show is what the tests run.

    pages_test.py ROOT BUILT...     check README.md and docs/guide against docs/examples
    pages_test.py --self-test       plant a violation of each rule and see it reported

BUILT are the sources of the examples that are compiled. Rules: a block of C or C++ on a page consists of
consecutive lines of one example, at any indentation; every example is linked from a page; every
source of an example is compiled.
"""

import pathlib
import re
import sys
import textwrap

BLOCK = re.compile(r'^```(?:cpp|c)\n(.*?)^```$', re.M | re.S)
MIN_LINES = 2  # a single line is found in any program
LICENSE = re.compile(r'^// SPDX-License-Identifier: .*\n')  # pages do not show this line


def shown_in(block, source):
    """Whether the block is in the source, all of it moved to the left or right together."""
    wanted = textwrap.dedent(block).splitlines()
    lines = LICENSE.sub('', source).splitlines()
    return any(textwrap.dedent('\n'.join(lines[start:start + len(wanted)])).splitlines() == wanted
               for start in range(len(lines) - len(wanted) + 1))


def violations(pages, sources, built):
    for name, text in pages.items():
        for match in BLOCK.finditer(text):
            block, line = match.group(1), text.count('\n', 0, match.start()) + 1
            if block.count('\n') < MIN_LINES:
                yield f'{name}:{line}: a block of C++ has fewer than {MIN_LINES} lines'
            elif not any(shown_in(block, source) for source in sources.values()):
                yield f'{name}:{line}: no example has this block, line by line'
    for name in sources:
        if not any(re.search(rf'\([^)]*\b{re.escape(name)}\)', text) for text in pages.values()):
            yield f'docs/{name}: no page links this example'
        if name.endswith(('.cpp', '.c')) and name not in built:
            yield f'docs/{name}: tests/examples/meson.build does not compile this example'


def self_test():
    license_line = '// SPDX-License-Identifier: X\n'
    source = {'examples/a.cpp': license_line + 'int f() {\n    g();\n    h();\n}\n'}
    link = '[a](examples/a.cpp)\n'
    good = [link + '```cpp\ng();\nh();\n```\n', link + '```cpp\nint f() {\n    g();\n```\n']
    bad = [(link + '```cpp\ng();\ni();\n```\n', source),  # another line
           (link + '```cpp\ng();\n  h();\n```\n', source),  # another indentation
           (link + '```cpp\nh();\n```\n', source),  # too short
           (link + f'```cpp\n{license_line}int f() {{\n```\n', source),
           ('no link', source), (link, source | {'examples/b.hpp': ''}),
           (link + '[b](examples/b.cpp)', source | {'examples/b.cpp': ''})]  # not compiled
    failures = [f'wrongly reported: {page!r}' for page in good
                if list(violations({'p.md': page}, source, ['examples/a.cpp']))]
    failures += [f'not reported: {page!r}' for page, sources in bad
                 if len(list(violations({'p.md': page}, sources, ['examples/a.cpp']))) != 1]
    return failures


def check(root, built):
    docs = root / 'docs'
    files = [root / 'README.md', *sorted((docs / 'guide').glob('*.md'))]
    pages = {str(file.relative_to(root)): file.read_text('utf-8') for file in files}
    sources = {str(file.relative_to(docs)): file.read_text('utf-8')
               for file in sorted((docs / 'examples').rglob('*.*')) if file.suffix in ('.c', '.cpp', '.hpp')}
    names = [str(pathlib.Path(file).resolve().relative_to(docs.resolve())) for file in built]
    blocks = sum(len(BLOCK.findall(text)) for text in pages.values())
    print(f'{len(pages)} pages with {blocks} blocks of C and C++, {len(sources)} sources of examples')
    return list(violations(pages, sources, names))


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    found = self_test() if sys.argv[1:] == ['--self-test'] else check(
        pathlib.Path(sys.argv[1]), sys.argv[2:])
    print('\n'.join(found))
    sys.exit(1 if found else 0)
