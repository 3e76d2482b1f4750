# SPDX-License-Identifier: BSL-1.0
"""co_await is a statement of its own: g++ 12 miscompiles other forms."""

import re

from rules.tree import CODE_DIRS, code_only, line_of, markdown, rule


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
