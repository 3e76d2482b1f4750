# SPDX-License-Identifier: BSL-1.0
"""Lengths: a file has at most 300 lines, a function of the library at most 50."""

import re

from rules.tree import CODE_DIRS, code_only, line_of, rule

FILE_LINES = 300
FUNCTION_LINES = 50  # with its signature and its closing brace
ENDINGS = ('.cpp', '.hpp', '.c', '.h', '.py', '.sh', '.build')

# path: the reason why the file is longer. Entries go when their files have been split.
LONGER = {
    'include/admit/admit.h': 'a public header: its documentation is most of it',
    'include/admit/async.hpp': 'a public header: its documentation is most of it',
    'include/admit/engine.hpp': 'a public header: its documentation is most of it',
    'tests/c/program.c': 'every function of one header, a case for each group',
    'tests/async/cancelling.cpp': 'the races of one operation, with one set of helpers',
    'tests/async/executors.cpp': 'one case for each associated property of a handler',
    'tests/async/expiring_draining.cpp': 'two operations that share their helpers',
    'tests/async/lifetimes.cpp': 'one case for each order in which objects end',
    'tests/async/waiting.cpp': 'all cases of one operation',
    'tests/async/working.cpp': 'all cases of one operation',
    'tests/model/test_conversations.cpp': 'searches that share one model of an engine',
    'tests/model/test_slots.cpp': 'searches that share one pool of slots',
    'tests/model/test_supervision.cpp': 'searches that share one supervised engine',
    'tests/model/test_users.cpp': 'searches that share one table of users',
    'tests/model/test_waiting.cpp': 'searches that share one waiting room',
    'tests/unit/engine.cpp': 'one case for each answer of the public class',
    'tests/unit/expiry.cpp': 'all cases of one sweep',
    'tests/unit/set_limits.cpp': 'all cases of one call',
    'tests/unit/words.cpp': 'one case for each transition of each word',
    'tools/mutate/mutants.py': 'a table',
}
TABLE = 'tests/tidy/rules/lengths.py'
AN_EXCEPTION = sorted(LONGER)[:1]


@rule(bad=[{'src/a.cpp': '\n' * (FILE_LINES + 1)}, {'include/admit/a.hpp': '\n' * (FILE_LINES + 1)},
           {'tests/a.py': '\n' * (FILE_LINES + 1)}, {'tools/a.py': '\n' * (FILE_LINES + 1)},
           {'tests/unit/meson.build': '\n' * (FILE_LINES + 1)}]
      + [{path: '\n' * FILE_LINES} for path in AN_EXCEPTION]  # no longer needed
      + [{TABLE: '\n'} for _ in AN_EXCEPTION],  # a file that is gone
      good=[{'src/a.cpp': '\n' * FILE_LINES, 'docs/a.md': '\n' * (FILE_LINES + 1),
             'tests/fuzz/a.corpus': '\n' * (FILE_LINES + 1)}]
      + [{path: '\n' * (FILE_LINES + 1)} for path in AN_EXCEPTION])
def files_and_functions(tree):
    for path, text in tree.files.items():
        if not path.startswith(tuple(f + '/' for f in CODE_DIRS)) or not path.endswith(ENDINGS):
            continue
        lines = text.count('\n')
        if lines > FILE_LINES and path not in LONGER:
            yield path, 1, f'{lines} lines, allowed are {FILE_LINES}'
        if lines <= FILE_LINES and path in LONGER:
            yield path, 1, f'{lines} lines: its exception in {TABLE} is no longer needed'
    if TABLE in tree.files:
        for path in sorted(LONGER.keys() - tree.files.keys()):
            yield TABLE, 1, f'an exception for {path}, which is not there'


NO_FUNCTION = re.compile(  # what may stand before a brace that opens no function
    r'(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:inline\s+)?'
    r'(?:class|struct|union|enum|namespace)\b[^()]*(?:$|(?<!:):(?!:).*)'
    r'|extern\s*"_*"|.*=', re.S)
LABEL = re.compile(r'(?:public|protected|private)\s*:(?!:)|^[ \t]*#.*$', re.M)
BEFORE = re.compile(r'(?:\s|(?:public|protected|private)\s*:(?!:)|#.*\n)*')
PARENTHESES = re.compile(r'alignas\s*\([^()]*\)|\[\[[^\]]*\]\]')


def functions_in(code):
    """(start, end) of each outermost function, from its signature to its closing brace."""
    open_braces, inside = [], None  # the depth of the function that the position is in
    for brace in re.finditer('[{}]', code):
        if brace.group() == '{':
            start = max(code.rfind(mark, 0, brace.start()) for mark in ';{}') + 1
            head = PARENTHESES.sub('', LABEL.sub('', code[start:brace.start()])).strip()
            if inside is None and not NO_FUNCTION.fullmatch(head):
                inside = len(open_braces)
            open_braces.append(BEFORE.match(code, start).end())
        elif open_braces:
            start = open_braces.pop()
            if inside == len(open_braces):
                inside = None
                yield start, brace.end()


BODY = '    g();\n' * (FUNCTION_LINES - 1)
MEMBERS = '    void f();\n' * FUNCTION_LINES


@rule(bad=[{'src/a.cpp': text} for text in (
           f'void f() {{\n{BODY}}}\n',
           f'namespace {{\nclass c : public b<int()> {{\npublic:\n'
           f'    c() : b{{}}, a{{1}} {{\n{BODY}}}\n}};\n}}\n',
           f'template <class T>\nstruct s f(T a) {{\n{BODY}}}\n',
           f'void f() {{\n    for (;;) {{\n        g([] {{\n{BODY}}});\n}}\n}}\n',
           f'int c::f() const noexcept {{\n// {{\ng("{{");\n{BODY}}}\n')]
      + [{'include/admit/a.hpp': f'inline void f(int a,\n              int b) {{\n{BODY}}}\n'}],
      good=[{'src/a.cpp': text} for text in (
            f'void f() {{\n{BODY[:-len("    g();") - 1]}}}\nvoid h() {{\n    g();\n}}\n',
            f'class [[nodiscard]] c final : public a::b<int> {{\npublic:\n{MEMBERS}}};\n',
            f'struct alignas(64) c {{\n{MEMBERS}}};\n',
            f'namespace a::b {{\nextern "C" {{\n{MEMBERS}}}\n}}\n',
            'constexpr int table[] = {\n' + '    1,\n' * FUNCTION_LINES + '};\n',
            'enum class e : unsigned char {\n' + '    a,\n' * FUNCTION_LINES + '};\n')]
      + [{'tests/unit/a.cpp': f'void f() {{\n{BODY}}}\n'}])
def functions_fit_on_a_screen(tree):
    for path, text in tree.cpp('include', 'src'):
        code = code_only(text)
        for start, end in functions_in(code):
            lines = code.count('\n', start, end) + 1
            if lines > FUNCTION_LINES:
                yield (path, line_of(code, start),
                       f'a function of {lines} lines, allowed are {FUNCTION_LINES}')
