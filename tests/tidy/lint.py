#!/usr/bin/env python3
"""The rules of this project that neither the compiler nor clang-format checks.

    lint.py ROOT            check the project at ROOT
    lint.py --self-test     plant a violation of every rule and see it caught

A rule is a function from a Tree to (path, line, message) triples; @rule names
it and gives the examples that the self-test plants: files that must be
reported, and files that must not.
"""

import os
import re
import sys
import tempfile

CODE_DIRS = ('include', 'src', 'tests', 'tools')
TOP_LEVEL = {'meson.build', 'meson_options.txt', 'src', 'include', 'tests', 'tools', 'docs',
             'README.md', 'LICENSE'}
LINE_BUDGET = 4680  # of code in include/ and src/ together, without comments and blank lines
COMMENT_REACH = 6  # lines above a memory order in which its reason may stand

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
            if os.path.isfile(path):
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
            if path.endswith(('.cpp', '.hpp')) and path.startswith(tuple(f + '/' for f in folders)):
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


# --- Layers: includes point down only ---------------------------------------------------------

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
CLOCK = re.compile(r'\b\w*_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\brdtsc\w*\b')
ASIO_HEADERS = ('include/admit/async.hpp', 'include/admit/detail/operations.hpp',
                'include/admit/detail/wait_op.hpp')
SRC_ORDER = ('base', 'system', 'conversation', 'slots', 'users', 'state', 'waiting', 'lifecycle',
             'engine', 'async')  # each folder of src may include those before it
NOT_BELOW = {'conversation': {'system'}, 'slots': {'system'}, 'users': {'system', 'conversation',
             'slots'}, 'state': {'system'}, 'waiting': {'system'}, 'lifecycle': {'system'}}
SRC_LAYERS = {layer: set(SRC_ORDER[:n + 1]) - NOT_BELOW.get(layer, set())
              for n, layer in enumerate(SRC_ORDER)}
CORE = tuple(layer for layer in SRC_ORDER if layer not in ('system', 'engine', 'async'))
STD_ONLY = ('base', 'system', 'conversation', 'slots', 'users', 'state')


def is_std(name):
    return re.fullmatch(r'[a-z_]+[a-z0-9_]*', name) is not None


def is_asio(name):
    return name.startswith(('boost/asio', 'asio')) or name == 'admit/async.hpp'


def only_for_the_model(text, position):
    """Whether the innermost #if above asks for ADMIT_MODEL."""
    depth = 0
    for line in reversed(text[:position].split('\n')):
        if re.match(r'\s*#\s*endif\b', line):
            depth += 1
        elif re.match(r'\s*#\s*if', line):
            if depth == 0:
                return re.search(r'#\s*if(?:def\s+|\s+defined\W+)ADMIT_MODEL\b', line) is not None
            depth -= 1
        elif depth == 0 and re.match(r'\s*#\s*el', line):
            return False
    return False


def may_include(path, quote, name):
    """None when `path` may include `name`, otherwise the reason why not."""
    if path.startswith('include/'):
        if quote == '"' or not (is_std(name) or name.startswith(('admit/', 'boost/'))):
            return 'a public header may include only <admit/...>, std and Boost'
        if is_asio(name) and path not in ASIO_HEADERS:
            return 'of the public headers only admit/async.hpp may include Asio'
        return None
    parts = path.split('/')
    layer = parts[1] if len(parts) > 2 else ''
    if is_asio(name) and layer != 'async':
        return 'in src only src/async may include Asio'
    if quote == '"':
        target = name.split('/')[0] if '/' in name else layer
        if target not in SRC_LAYERS.get(layer, set()):
            return f'src/{layer} may include, of src, only ' + ', '.join(
                f'src/{n}' for n in sorted(SRC_LAYERS.get(layer, set())))
    elif layer in STD_ONLY and layer != 'system' and not is_std(name):
        return f'src/{layer} may include only std and src'
    return None


@rule(bad=[{'include/admit/a.hpp': '#include "slots/gate.hpp"\n'},
           {'include/admit/a.hpp': '#include <boost/asio/awaitable.hpp>\n'},
           {'include/admit/a.hpp': '#include <admit/async.hpp>\n'},
           {'src/slots/a.hpp': '#include "waiting/serving.hpp"\n'},
           {'src/slots/a.hpp': '#include "users/lane.hpp"\n', 'src/users/a.hpp': '#include "slots/gate.hpp"\n'},
           {'src/slots/a.hpp': '#include <admit/limits.hpp>\n'},
           {'src/users/a.hpp': '#include <boost/config.hpp>\n'},
           {'src/base/a.hpp': '#include "checker/atomic.hpp"\n'},
           {'src/base/a.hpp': '#ifdef ADMIT_MODEL\n#else\n#include "checker/atomic.hpp"\n#endif\n'},
           {'src/slots/a.hpp': 'auto t = std::chrono::steady_clock::now();\n'},
           {'src/lifecycle/a.hpp': '#include <boost/asio/post.hpp>\n'},
           {'src/waiting/a.cpp': '#include "async/wait.hpp"\n'},
           {'src/waiting/a.cpp': '#include "lifecycle/expiry.hpp"\n'},
           {'src/lifecycle/a.cpp': 'clock_gettime(CLOCK_MONOTONIC, &t);\n'},
           {'src/engine/a.cpp': '#include <admit/async.hpp>\n'},
           {'src/system/a.hpp': '#include "waiting/serving.hpp"\n'},
           {'src/waiting/a.cpp': '#include "system/clock.hpp"\n'},
           {'src/unknown/a.cpp': '#include "base/atomic.hpp"\n'},
           {'src/engine/a.cpp': '#include "load/scenario.hpp"\n'},
           {'src/engine/a.cpp': '#include "../tests/support/x.hpp"\n'}],
      good=[{'include/admit/a.hpp': '#include <admit/b.hpp>\n#include <boost/system/result.hpp>\n',
             'include/admit/async.hpp': '#include <boost/asio/awaitable.hpp>\n',
             'src/base/atomic.hpp': '#ifdef ADMIT_MODEL\n#include "checker/atomic.hpp"\n#else\n'
                                    '#include <atomic>\n#endif\n',
             'src/slots/b.hpp': '#include "base/atomic.hpp"\n// steady_clock::now\n',
             'src/waiting/b.hpp': '#include "slots/b.hpp"\n#include <admit/a.hpp>\n',
             'src/async/b.cpp': '#include <boost/asio/post.hpp>\n#include "waiting/b.hpp"\n',
             'src/engine/b.cpp': '#include "waiting/b.hpp"\n#include "system/c.hpp"\nx = std::chrono::steady_clock::now();\n',
             'tests/unit/b.cpp': '#include "slots/b.hpp"\n#include <boost/asio/post.hpp>\n'}])
def layers(tree):
    for path, text in tree.cpp('include', 'src'):
        for match in INCLUDE.finditer(without_comments(text)):
            why = may_include(path, *match.groups())
            if path.startswith('src/base/') and match.group(2).startswith('checker/') and \
                    only_for_the_model(text, match.start()):
                why = None  # the model checker's atomics take the place of std's
            if why:
                yield path, line_of(text, match.start()), f'includes {match.group(2)}: {why}'
        if path.startswith(tuple(f'src/{layer}/' for layer in CORE)):
            for match in CLOCK.finditer(code_only(text)):
                yield (path, line_of(text, match.start()),
                       f'{match.group(0)}: the core takes time as an argument')


# --- Code -------------------------------------------------------------------------------------

@rule(bad=[{'src/core/a.hpp': 'int x;\n'}, {'tests/a.hpp': '// #pragma once\n'}],
      good=[{'src/core/a.hpp': '// What it is.\n#pragma once\n', 'src/a.cpp': 'int x;\n'}])
def pragma_once(tree):
    for path, text in tree.cpp(*CODE_DIRS):
        if path.endswith('.hpp') and not re.search(r'^#pragma once$', code_only(text), re.M):
            yield path, 1, 'a header needs #pragma once'


BLOCKING = re.compile(
    r'\bstd::\w*mutex\b|\bstd::(?:lock_guard|unique_lock|scoped_lock|shared_lock|call_once)\b'
    r'|\bstd::condition_variable\w*|\bpthread_\w*lock\b'
    r'|\batomic_(?:thread|signal)_fence\b'
    r'|^[ \t]*#[ \t]*include[ \t]*<(?:mutex|shared_mutex|condition_variable)>', re.M)


@rule(bad=[{'src/a.cpp': 'std::mutex m;\n'}, {'src/a.cpp': '#include <mutex>\n'},
           {'include/admit/a.hpp': 'std::shared_mutex m;\n'},
           {'src/core/a.hpp': 'std::atomic_thread_fence(o);\n'}],
      good=[{'src/a.cpp': '// no std::mutex here\nlog("std::mutex");\n',
             'tests/unit/a.cpp': '#include <mutex>\nstd::mutex m;\n'}])
def no_locks_no_fences(tree):
    for path, text in tree.cpp('include', 'src'):
        for match in BLOCKING.finditer(code_only(text)):
            yield (path, line_of(text, match.start()),
                   f'{match.group(0).strip()}: no locks, and no fences (ThreadSanitizer is blind to '
                   'them)')


@rule(bad=[{'src/a.cpp': 'x.load(std::memory_order_acquire);\n'},
           {'src/a.cpp': '// why\n' + '\n' * 9 + 'x.load(std::memory_order::relaxed);\n'}],
      good=[{'src/a.cpp': 'x.load(std::memory_order_acquire);  // sees what end wrote\n'},
            {'src/a.cpp': '\n' * 9 + 'using std::memory_order_acquire;\n'},
            {'src/a.cpp': '/* why */\n\nx.load(std::memory_order_relaxed);\n'}])
def memory_orders_say_why(tree):
    for path, text in tree.cpp('src'):
        code = code_only(text).split('\n')
        plain = text.split('\n')
        strings = without_comments(text).split('\n')
        for number, line in enumerate(code):
            if not re.search(r'\bmemory_order(?:_|::)\w', line) or \
                    re.match(r'\s*using std::memory_order_\w+;', line):
                continue
            near = range(max(0, number - COMMENT_REACH), number + 1)
            if not any(plain[n] != strings[n] for n in near):
                yield (path, number + 1, f'a memory order without a comment on its line or in the '
                       f'{COMMENT_REACH} lines above')


# --- co_await: a statement of its own, or g++ 12 miscompiles it -------------------------------

AWAIT = re.compile(r'\bco_await\b')
AWAIT_FORM = re.compile(
    r'(?:(?:const\s+)?auto\s*(?:&&|&|\s)\s*(?:\w+|\[[\w\s,]*\])\s*=\s*'  # auto v =, auto [a, b] =
    r'|(?:const\s+)?[\w:]+(?:<[^;{}()]*>)?\s*&{0,2}\s*\w+\s*=\s*'  # T v =
    r'|[\w.:]+(?:->[\w.]+)*\s*=\s*'  # v =
    r'|\(void\)\s*)?'
    r'co_await\s+[^{}?]*')
OPENING, CLOSING = '([{', ')]}'
HEAD = re.compile(r'\s*(?:(?:if(?:\s+constexpr)?|while|for|switch)\s*\(|else\b|do\b|case\b[^:]*:'
                  r'|default\s*:)')


def statement_around(code, position):
    """The text of the statement, or None when `position` is nested in an expression."""
    start, depth = position, 0
    while start > 0:
        char = code[start - 1]
        if depth == 0 and char in ';{}':
            break
        if char in CLOSING:
            depth += 1
        elif char in OPENING:
            if depth == 0:
                return None
            depth -= 1
        start -= 1
    end, depth = position, 0
    while end < len(code):
        char = code[end]
        if depth == 0 and char == ';':
            return strip_heads(code[start:end])
        if depth == 0 and char == ',':
            return None
        if char in OPENING:
            depth += 1
        elif char in CLOSING:
            if depth == 0:
                return None
            depth -= 1
        end += 1
    return None


def strip_heads(statement):
    """Without what may stand before a statement: `if (...)`, `else`, `case x:`."""
    statement = re.sub(r'^[ \t]*#.*$', '', statement, flags=re.M)
    while True:
        head = HEAD.match(statement)
        if not head:
            return statement.strip()
        end = head.end()
        if head.group(0).endswith('('):
            depth = 1
            while end < len(statement) and depth:
                depth += {'(': 1, ')': -1}.get(statement[end], 0)
                end += 1
        statement = statement[end:]


def awaits_in(text):
    code = code_only(text)
    for match in AWAIT.finditer(code):
        if re.search(r'\boperator\s*$', code[:match.start()]):
            continue
        statement = statement_around(code, match.start())
        if statement is None or not AWAIT_FORM.fullmatch(statement) or \
                len(AWAIT.findall(statement)) > 1:
            yield line_of(text, match.start())


FENCE = re.compile(r'^```(?:cpp|c\+\+|C\+\+)[^\n]*\n(.*?)^```', re.M | re.S)


@rule(bad=[{'src/a.cpp': f'void f() {{ {line} }}\n'} for line in (
           'if (co_await x) {}', 'while (co_await x) g();', 'do g(); while (co_await x);',
           'switch (co_await x) {}', 'auto v = c ? co_await x : y;', 'auto v = a + co_await x;',
           'f(co_await x);', 'agg a{co_await x, co_await y};', 'auto a = agg{co_await x};',
           'co_return co_await x;', 'co_await f([&] { return 1; });', 'co_await f(agg{1});',
           'auto v = (co_await x).y;', 'for (auto v : co_await x) g();', 'g(), co_await x;')]
      + [{'README.md': 'Text\n\n```cpp\nif (co_await x) {}\n```\n'},
         {'docs/examples/a.cpp': 'void f() { if (co_await x) {} }\n'}],
      good=[{'src/a.cpp': f'void f() {{ {line} }}\n'} for line in (
            'co_await x;', 'co_await std::move(x);', 'auto v = co_await x;',
            'auto v = co_await std::move(x);', 'const auto [a, b] = co_await std::move(x);',
            'auto [a, b] = co_await x;', 'admit::permit p = co_await std::move(x);',
            'v = co_await x;', 'if (a) co_await x;', 'if (a) { g(); co_await x; }',
            'for (int i = 0; i < n; ++i) co_await x;', 'else co_await x;',
            'co_await timer.async_wait(asio::use_awaitable);', 'auto operator co_await() { g(); }',
            '// if (co_await x)\n g();', 'g("co_await");',
            'auto e = co_await asio::this_coro::executor;',
            'std::vector<int> v = co_await x;')]
      + [{'README.md': 'if (co_await x)\n```text\nif (co_await x) {}\n```\n'}])
def co_await_is_a_statement(tree):
    message = ('co_await must be a statement of its own, `auto v = co_await named;`: g++ 12 '
               'miscompiles it inside other expressions')
    for path, text in tree.cpp(*CODE_DIRS, 'docs'):
        for line in awaits_in(text):
            yield path, line, message
    for path, text in markdown(tree):
        for block in FENCE.finditer(text):
            for line in awaits_in(block.group(1)):
                yield path, line_of(text, block.start(1)) + line - 1, message


# --- Files and folders ------------------------------------------------------------------------

def markdown(tree):
    for path, text in tree.files.items():
        if path == 'README.md' or (path.startswith('docs/') and path.endswith('.md')):
            yield path, text


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


@rule(bad=[{'src/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)}],
      good=[{'src/a.cpp': 'int x;\n', 'tests/a.cpp': 'int x;\n' * (LINE_BUDGET + 1)},
            {'src/a.cpp': '// x\n\n' * (LINE_BUDGET + 1)}])
def small_enough_to_read(tree):
    lines = sum(1 for _, text in tree.cpp('include', 'src')
                for line in code_only(text).split('\n') if line.strip())
    if lines >= LINE_BUDGET:
        yield ('src', 1, f'include/ and src/ have {lines} lines of code; fewer than {LINE_BUDGET} '
               'please')


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


# --- Tests that pages name -------------------------------------------------------------------

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


# ----------------------------------------------------------------------------------------------

def check(root):
    tree = Tree(root)
    found = 0
    for rule_check, _, _ in RULES:
        for path, line, message in rule_check(tree):
            print(f'{path}:{line}: {message} [{rule_check.__name__}]')
            found += 1
    print(f'{len(RULES)} rules, {len(tree.files)} files, {found} violations')
    return 1 if found else 0


def reports(rule_check, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, 'w', encoding='utf-8', newline='') as file:
                file.write(text)
        return list(rule_check(Tree(root)))


def self_test():
    failures = planted = 0
    for rule_check, bad, good in RULES:
        for files in bad:
            planted += 1
            if not reports(rule_check, files):
                print(f'{rule_check.__name__} does not see {files}'[:400])
                failures += 1
        for files in good:
            for path, line, message in reports(rule_check, files):
                print(f'{rule_check.__name__} wrongly reports {path}:{line}: {message}')
                failures += 1
    print(f'{planted} planted violations of {len(RULES)} rules, {failures} failures')
    return 1 if failures else 0


if __name__ == '__main__':
    if sys.argv[1:] == ['--self-test']:
        sys.exit(self_test())
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        print(__doc__)
        sys.exit(2)
    sys.exit(check(sys.argv[1]))
