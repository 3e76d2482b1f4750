"""Every memory order of the sources, weakened by one step.

A mutant's id says where it is without line numbers, so that explanations stay with it:
file, function, operation, which of its orders, and from what to what.
"""

import re

FOLDERS = tuple(f'src/{name}/' for name in ('base', 'conversation', 'slots', 'users', 'state', 'waiting',
                                            'lifecycle', 'engine'))
NOT_CODE = {'src/base/atomic.hpp'}  # names the orders, uses none

ORDER = re.compile(r'\b(?:(?:std|core)::)?memory_order_(relaxed|acquire|release|acq_rel|seq_cst)\b')
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/', re.S)
FUNCTION = re.compile(
    r'^ {0,8}(?!return\b|else\b|if\b|while\b|for\b)[\w:<>&*~,\[\] ]*?\b(\w+)\([^;{}]*\)\s*'
    r'(?:const\s*)?(?:noexcept\s*)?(?::[^;{}]*(?:\{[^{}]*\}[^;{}]*)*)?\{', re.M)
EDGE = re.compile(r'edges? (\w+(?: \w+)? <?-> \w+)|edge (\w+)')

LOAD = {'seq_cst': ['acquire'], 'acquire': ['relaxed']}
STORE = {'seq_cst': ['release'], 'release': ['relaxed']}
BOTH = {'seq_cst': ['acq_rel'], 'acq_rel': ['acquire', 'release'], 'acquire': ['relaxed'],
        'release': ['relaxed']}


def without_comments(text):
    return COMMENT.sub(lambda m: re.sub(r'[^\n]', ' ', m.group(0)), text)


def call_around(code, position):
    """The operation whose argument stands here: its name as written, and which order it is."""
    depth = 0
    commas = 0
    at = position
    while True:
        at -= 1
        if code[at] in ')]}':
            depth += 1
        elif code[at] in '([{':
            if depth == 0:
                break
            depth -= 1
        elif code[at] == ',' and depth == 0:
            commas += 1
    # Without the arguments in what comes before: `slot.started().load`, `atomic_ref{word}.store`.
    before = re.sub(r'\(\)|\{[^{}]*\}', '', code[:at][-120:])
    name = re.search(r'([\w.\[\]>-]*?)(?:\.|->)(\w+)$', before)
    if name is None:
        raise ValueError(f'no operation before "{code[at - 40:position]}"')
    return name.group(1).strip('.>-'), name.group(2), commas


def function_around(code, position):
    found = 'top level'
    for match in FUNCTION.finditer(code, 0, position):
        found = match.group(1)
    return found


def edge_above(text, position):
    """The edge that the comment at this access names."""
    lines = text[:text.index('\n', position)].split('\n')[-7:]
    comments = [line.split('//', 1)[1] for line in lines if '//' in line]
    for comment in reversed(comments):
        match = EDGE.search(comment)
        if match:
            return match.group(1) or match.group(2)
    return None


def weaker(operation, commas, order):
    if operation == 'load':
        return '', LOAD.get(order, [])
    if operation == 'store':
        return '', STORE.get(order, [])
    if operation.startswith('compare_exchange'):
        return (' on failure', LOAD.get(order, [])) if commas == 3 else ('', BOTH.get(order, []))
    return '', BOTH.get(order, [])


def find(sources):
    """(id, path, start, end, replacement, edge) of every weakening; `sources` is {path: text}."""
    found = []
    taken = {}
    for path, text in sorted(sources.items()):
        if path in NOT_CODE or not path.startswith(FOLDERS):
            continue
        code = without_comments(text)
        for match in ORDER.finditer(code):
            if re.search(r'using $', code[:match.start()]):
                continue
            order = match.group(1)
            target, operation, commas = call_around(code, match.start())
            which, orders = weaker(operation, commas, order)
            for to in orders:
                name = (f'order: {path[4:]}: {function_around(code, match.start())}: '
                        f'{target}.{operation}{which}: {order} -> {to}')
                taken[name] = taken.get(name, 0) + 1
                if taken[name] > 1:
                    name += f' #{taken[name]}'
                found.append((name, path, match.start(1), match.end(1), to,
                              edge_above(text, match.start())))
    return found
