# SPDX-License-Identifier: BSL-1.0
"""Files and folders: links, the top level, paths of one machine, white space, the build."""

import os
import re

from rules.tree import CODE_DIRS, TOP_LEVEL, line_of, markdown, rule


LINK = re.compile(r'\[[^\]\n]*\]\(\s*<?([^)\s>]+)')


@rule(bad=[{'README.md': 'See [it](docs/gone.md).\n'}, {'docs/a.md': '[x](b.md#part)\n'},
           {'docs/a.md': '[x](/docs/a.md)\n'}],
      good=[{'README.md': '[a](docs/a.md#x) [b](https://example.org/x) [c](#x)\n```\n[d](no)\n```\n',
             'docs/a.md': '[up](../README.md)\n'}])
def links_lead_somewhere(tree):
    for path, text in markdown(tree):
        prose = re.sub(r'^```.*?^```', lambda m: '\n' * m.group(0).count('\n'), text,
                       flags=re.M | re.S)
        for match in LINK.finditer(prose):
            target = match.group(1).split('#')[0]
            if not target or re.match(r'[a-z]+:', target):
                continue
            full = os.path.join(tree.root, os.path.dirname(path), target)
            if target.startswith('/') or not os.path.exists(full):
                yield path, line_of(prose, match.start()), f'the link {target} leads nowhere'


@rule(bad=[{'notes.txt': 'x\n'}, {'lib/a.cpp': 'x\n'}],
      good=[{'README.md': 'x\n', '.ci/run': 'x\n', 'build/x': 'x\n', 'build-thread/x': 'x\n'}])
def top_level_is_tidy(tree):
    for name in tree.top:
        if not (name in TOP_LEVEL or name.startswith('.') or re.match(r'build(?:-|$)', name)):
            yield name, 1, 'does not belong on the top level'


# Written so that this file does not contain what it forbids.
FORBIDDEN = re.compile(
    r'(?<![\w.$}*])/(?:[w]ork|[h]ome|[r]oot|[U]sers)/'
    r'|\b(?:deb\.[d]ebian|archive\.[u]buntu|security\.[u]buntu|py[p]i|files\.[p]ythonhosted'
    r'|registry\.[n]pmjs|crates|index\.[c]rates|proxy\.[g]olang|wrapdb\.[m]esonbuild)'
    r'\.(?:org|com|io)\b')


@rule(bad=[{'README.md': 'cd /' + 'work/x\n'}, {'tools/a.sh': 'ls /' + 'home/me\n'},
           {'docs/a.md': 'from deb.' + 'debian.org\n'}],
      good=[{'README.md': 'what we do/home/rest; $prefix/home/\n'}])
def no_machine_paths(tree):
    for path, text in tree.files.items():
        for match in FORBIDDEN.finditer(text):
            yield (path, line_of(text, match.start()),
                   f'{match.group(0)}: paths and hosts of one machine do not belong here')


@rule(bad=[{'src/a.cpp': 'int x; \n'}, {'src/a.cpp': 'int x;'}, {'README.md': 'a\tb\n'},
           {'src/a.cpp': 'int x;\r\n'}, {'README.md': 'a\n\n'}],
      good=[{'src/a.cpp': 'int x;\n', 'docs/empty.md': ''}])
def clean_white_space(tree):
    for path, text in tree.files.items():
        for number, line in enumerate(text.split('\n'), 1):
            if line != line.rstrip():
                yield path, number, 'white space at the end of the line'
            if '\t' in line:
                yield path, number, 'a tab'
        if text and not text.endswith('\n'):
            yield path, line_of(text, len(text)), 'no newline at the end of the file'
        if text.endswith('\n\n'):
            yield path, line_of(text, len(text)) - 1, 'an empty line at the end of the file'


@rule(bad=[{'src/a.cpp': 'x\n', 'src/meson.build': "['b.cpp']\n"},
           {'include/admit/a.hpp': '#pragma once\n', 'include/meson.build': '\n'},
           {'tests/unit/a.cpp': 'x\n'}],
      good=[{'src/core/a.cpp': 'x\n', 'src/meson.build': "files('core/a.cpp')\n"},
            {'tests/unit/a.cpp': 'x\n', 'tests/unit/meson.build': "x = ['a']\n"},
            {'tests/unit/a_b.cpp': 'x\n', 'tests/unit/meson.build': "x = {'a_b': 'c'}\n"},
            {'include/admit/a.hpp': 'x\n', 'include/meson.build': "['admit/a.hpp']\n"}])
def nothing_left_out_of_the_build(tree):
    """A test that no meson.build names passes by never running."""
    for path in tree.files:
        if not path.startswith(CODE_DIRS) or not (
                path.endswith('.cpp') or path.startswith('include/') and path.endswith('.hpp')):
            continue
        parts = path.split('/')
        named = False
        for depth in range(1, len(parts)):
            build = tree.files.get('/'.join(parts[:depth] + ['meson.build']), '')
            name = '/'.join(parts[depth:])
            stem = name[:-len('.cpp')]
            named = named or f"'{name}'" in build or f"'{stem}'" in build
        if not named:
            yield path, 1, 'no meson.build above it names this file'
