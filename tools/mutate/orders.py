# SPDX-License-Identifier: BSL-1.0
"""Each memory order of the sources, weakened by one step. Used by catalog.py.

The id of a weakening has no line number, so that its explanation in mutants.py stays valid: file,
function, operation, the argument if there are two orders, and the old and the new order.
"""

import re
from dataclasses import dataclass

NOT_CODE = re.compile(r'/atomic\.hpp$')  # names the orders and uses none of them

ORDER = re.compile(
    r'\b(?:(?:std|core|base)::)?memory_order_(relaxed|acquire|release|acq_rel|seq_cst)\b')
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/', re.S)
FUNCTION = re.compile(
    r'^ {0,8}(?!return\b|else\b|if\b|while\b|for\b)[\w:<>&*~,\[\] ]*?\b(\w+)\((?:[^;{}]|\{\})*\)\s*'
    r'(?:const\s*)?(?:noexcept\s*)?(?:\{|:(?!:))', re.M)  # up to the body or the initialisers
EDGE = re.compile(r'edges? (\w+(?: \w+)? <?-> \w+)|edge (\w+)')
COMMENT_REACH = 6  # lines above an access in which a comment may name its edge

LOAD = {'seq_cst': ['acquire'], 'acquire': ['relaxed']}
STORE = {'seq_cst': ['release'], 'release': ['relaxed']}
BOTH = {'seq_cst': ['acq_rel'], 'acq_rel': ['acquire', 'release'], 'acquire': ['relaxed'],
        'release': ['relaxed']}


@dataclass
class Weakening:
    id: str
    path: str
    start: int  # of the order in the text
    end: int
    weaker: str
    edge: str  # the edge that a comment at the access names, or None

    def apply(self, text):
        return text[:self.start] + self.weaker + text[self.end:]


def without_comments(text):
    """The text with blanks in place of comments, so that positions stay valid."""
    return COMMENT.sub(lambda m: re.sub(r'[^\n]', ' ', m.group(0)), text)


def call_around(code, position):
    """Of the call with an argument at `position`: object, operation, and number of the argument."""
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
    if re.search(r'(?<![\w.>:])update$', code[:at]):  # of base/update.hpp: the first argument is the word
        return code[at + 1:code.index(',', at)].strip(), 'update', commas
    # Calls within the object expression have arguments too: `slot.started().load`,
    # `atomic_ref{word}.store`.
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
    lines = text[:text.index('\n', position)].split('\n')[-COMMENT_REACH - 1:]
    comments = [line.split('//', 1)[1] for line in lines if '//' in line]
    for comment in reversed(comments):
        match = EDGE.search(comment)
        if match:
            return match.group(1) or match.group(2)
    return None


def weaker_orders(operation, argument, order):
    """What the id says of the argument, and the orders one step weaker."""
    if operation == 'load':
        return '', LOAD.get(order, [])
    if operation == 'store':
        return '', STORE.get(order, [])
    if (operation == 'update' and argument == 2) or \
            (operation.startswith('compare_exchange') and argument == 3):
        return ' on failure', LOAD.get(order, [])
    return '', BOTH.get(order, [])


def find_in(path, text):
    """The weakenings of one file. Their ids are not yet unique."""
    code = without_comments(text)
    for match in ORDER.finditer(code):
        if re.search(r'using $', code[:match.start()]):
            continue
        order = match.group(1)
        target, operation, argument = call_around(code, match.start())
        which, weaker = weaker_orders(operation, argument, order)
        function = function_around(code, match.start())
        prefix = f'order: {path[len("src/"):]}: {function}: {target}.{operation}{which}'
        for to in weaker:
            yield Weakening(f'{prefix}: {order} -> {to}', path, match.start(1), match.end(1), to,
                            edge_above(text, match.start()))


def find(sources):
    """Every weakening; `sources` is {path: text}, the files that model tests compile."""
    found = []
    taken = {}
    for path, text in sorted(sources.items()):
        for weakening in find_in(path, text) if not NOT_CODE.search(path) else []:
            number = taken[weakening.id] = taken.get(weakening.id, 0) + 1
            if number > 1:
                weakening.id += f' #{number}'
            found.append(weakening)
    return found
