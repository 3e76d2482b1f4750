# SPDX-License-Identifier: BSL-1.0
"""What C++ has to say and must not use: pragma once, locks, fences, memory orders."""

import re

from rules.tree import CODE_DIRS, code_only, line_of, rule, without_comments

COMMENT_REACH = 6  # lines above a memory order in which its reason may stand


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
# What keeps engines for scrapes is locked: no call of an engine comes there.
SCRAPES = ('include/admit/metrics.hpp', 'src/metrics/')


@rule(bad=[{'src/a.cpp': 'std::mutex m;\n'}, {'src/a.cpp': '#include <mutex>\n'},
           {'include/admit/a.hpp': 'std::shared_mutex m;\n'},
           {'src/core/a.hpp': 'std::atomic_thread_fence(o);\n'}],
      good=[{'src/a.cpp': '// no std::mutex here\nlog("std::mutex");\n',
             'src/metrics/a.cpp': 'std::mutex m;\n',
             'tests/unit/a.cpp': '#include <mutex>\nstd::mutex m;\n'}])
def no_locks_no_fences(tree):
    for path, text in tree.cpp('include', 'src'):
        if path.startswith(SCRAPES):
            continue
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
