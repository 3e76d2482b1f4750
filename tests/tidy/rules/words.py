# SPDX-License-Identifier: BSL-1.0
"""Sentences name their subject: no pronouns without a noun, in comments, pages and messages."""

import re

from rules.tree import TOKEN, line_of, markdown, rule

# Path prefixes without hits. Others are added when their texts have been rewritten.
PEOPLE = (r'(?:users?|authors?|operators?|readers?|callers?|contributors?|developers?|maintainers?'
          r'|engineers?|persons?|people|clients?|strangers?|newcomers?|attackers?)')
NEVER = re.compile(r'\b(?:whoever|nobody|somebody|anybody)\b', re.I)
WHO = re.compile(rf'(\b{PEOPLE},?\s+(?:(?://+|#)\s*)?)?\bwho(?:se)?\b', re.I)
QUOTED = re.compile(r'"[^"]{0,400}?"|`[^`\n]*`')
PROTOCOL_WORD = re.compile(r'"[A-Z]+"')  # the name of a command, as IRC has them
TEST_CASE = re.compile(r'TEST_CASE\(\s*$|TEST_CASE\(\s*(?:"[^"]*"\s*)+$')


def blank(match):
    return re.sub(r'[^\n]', '_', match.group(0))


def texts_of(path, text):
    """(position, text) of each piece of prose in a file."""
    if path.endswith(('.cpp', '.hpp')):
        comments = TOKEN.sub(lambda m: m.group(0) if m.lastgroup == 'comment' else blank(m), text)
        kept = re.sub(r'[^\n]', '_', text)
        for match in TOKEN.finditer(text):
            start, end = match.span()
            if match.lastgroup == 'comment':
                kept = kept[:start] + comments[start:end] + kept[end:]
            elif match.lastgroup == 'string' and not PROTOCOL_WORD.fullmatch(match.group(0)) and (
                    path.startswith(('src/', 'include/', 'tools/'))
                    or TEST_CASE.search(text[max(0, start - 300):start])):
                yield start, match.group(0)[1:-1]
        yield 0, QUOTED.sub(blank, kept)
    elif path.endswith(('.py', '.sh', 'meson.build')):
        for match in re.finditer(r'(?:^|(?<=\s))#[^\n]*', text, re.M):
            yield match.start(), QUOTED.sub(blank, match.group(0))


def prose(tree):
    for path, text in tree.files.items():
        if path.startswith(('include/', 'src/', 'tests/', 'tools/')):
            for start, part in texts_of(path, text):
                yield path, text, start, part
    for path, text in markdown(tree):
        yield path, text, 0, QUOTED.sub(blank, re.sub(r'^```.*?^```', blank, text,
                                                      flags=re.M | re.S))


S = 'tests/stress/a.cpp'


@rule(bad=[{S: '// Nobody waits.\n'}, {S: '// The thread, whose slot is free.\n'},
           {S: '// who waits\n'}, {S: 'TEST_CASE("who waits") {}\n'},
           {'tests/fuzz/run.py': '# Somebody waits.\n'}],
      good=[{S: '// A user who waits; operators, whose bot runs.\n'}, {S: '// "who waits"\n'},
            {S: 'f("nobody");\n'}, {'src/async/a.cpp': 'int who;\n'}, {'tools/bot/a.cpp': 'send("WHO");\n'},
            {'tests/fuzz/run.py': 'print("who")\n'}])
def plain_words(tree):
    for path, line, word in hits(tree):
        yield path, line, f'{word}: name the thread, the waiter or the user instead'


def hits(tree):
    for path, text, start, part in prose(tree):
        for match in NEVER.finditer(part):
            yield path, line_of(text, start + match.start()), match.group(0)
        for match in WHO.finditer(part):
            if match.group(1) is None:
                yield path, line_of(text, start + match.start()), match.group(0)
