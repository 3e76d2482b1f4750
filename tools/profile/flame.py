"""Draws stacks as a flame graph: one SVG, which needs nothing else."""

import html
import zlib

WIDTH, ROW, MARGIN, TOP = 1200, 17, 10, 44
NARROWEST = 0.3  # of a frame, in pixels
LETTER = 6.6

STYLE = '''text { font: 11px monospace; } .title { font: 15px sans-serif; }
g:hover rect { stroke: #000; } rect { stroke: #fff; stroke-width: .4; }'''


def tree_of(stacks):
    """Nodes are [weight, {function: node}]."""
    root = [0, {}]
    for stack, weight in stacks.items():
        node = root
        node[0] += weight
        for function in stack:
            node = node[1].setdefault(function, [0, {}])
            node[0] += weight
    return root


def depth_of(node):
    return 1 + max((depth_of(child) for child in node[1].values()), default=0)


def colour(function):
    """Warm, and the same for one function everywhere."""
    mark = zlib.crc32(function.encode())
    return f'rgb({205 + mark % 50},{80 + mark // 50 % 130},{mark // 6500 % 60})'


def frame(function, part, x, y, width):
    shown = function if len(function) * LETTER < width else function[:int(width / LETTER) - 2] + '..'
    text = '' if width < 4 * LETTER else \
        f'<text x="{x + 3:.1f}" y="{y + 12}">{html.escape(shown)}</text>'
    return (f'<g><title>{html.escape(function)}: {100 * part:.2f} %</title>'
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW}" '
            f'fill="{colour(function)}"/>{text}</g>\n')


def frames(node, total, x, level, bottom):
    out = []
    for function, child in sorted(node[1].items()):
        width = child[0] / total * (WIDTH - 2 * MARGIN)
        if width >= NARROWEST:
            out.append(frame(function, child[0] / total, x, bottom - level * ROW, width))
            out += frames(child, total, x, level + 1, bottom)
        x += width
    return out


def svg(stacks, title):
    root = tree_of(stacks)
    height = TOP + depth_of(root) * ROW + MARGIN
    body = ''.join(frames(root, root[0] or 1, MARGIN, 1, height - MARGIN))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}"><style>{STYLE}</style>\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n'
            f'<text class="title" x="{MARGIN}" y="24">{html.escape(title)}</text>\n{body}</svg>\n')
