# SPDX-License-Identifier: BSL-1.0
"""The project's text files, and what all rules need to register and to read C++."""

import os
import re

CODE_DIRS = ('include', 'src', 'tests', 'tools')
TOP_LEVEL = {'meson.build', 'meson_options.txt', 'src', 'include', 'tests', 'tools', 'docs',
             'README.md', 'LICENSE'}

RULES = []


def rule(bad, good):
    def register(check):
        RULES.append((check, bad, good))
        return check
    return register


class Tree:
    """The project's text files, read once."""

    def __init__(self, root):
        self.root = root
        self.top = sorted(os.listdir(root))
        self.files = {}
        for name in self.top:
            path = os.path.join(root, name)
            if os.path.isfile(path) and name != '.git':  # a file in linked worktrees
                self._read(name)
            elif name == '.ci' or name in TOP_LEVEL:
                for folder, folders, names in os.walk(path):
                    folders[:] = sorted(f for f in folders if f != '__pycache__')
                    for file in sorted(names):
                        self._read(os.path.relpath(os.path.join(folder, file), root))

    def _read(self, path):
        with open(os.path.join(self.root, path), 'rb') as file:
            data = file.read()
        if b'\0' not in data:
            self.files[path.replace(os.sep, '/')] = data.decode('utf-8', 'replace')

    def cpp(self, *folders):
        for path, text in self.files.items():
            if path.endswith(('.cpp', '.hpp', '.h')) and path.startswith(tuple(f + '/' for f in folders)):
                yield path, text


def line_of(text, position):
    return text.count('\n', 0, position) + 1


TOKEN = re.compile(r'''
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')
''', re.X | re.S)


def code_only(text):
    """Comments and the insides of strings blanked out, every line kept in place."""
    def blank(match):
        found = match.group(0)
        if match.lastgroup == 'comment':
            return re.sub(r'[^\n]', ' ', found)
        return found[0] + re.sub(r'[^\n]', '_', found[1:-1]) + found[-1]
    return TOKEN.sub(blank, text)


def without_comments(text):
    """As code_only, but strings stay: for include lines."""
    return TOKEN.sub(lambda m: re.sub(r'[^\n]', ' ', m.group(0))
                     if m.lastgroup == 'comment' else m.group(0), text)


def markdown(tree):
    for path, text in tree.files.items():
        if path == 'README.md' or (path.startswith('docs/') and path.endswith('.md')):
            yield path, text


FENCED = re.compile(r'^```.*?^```', re.M | re.S)
