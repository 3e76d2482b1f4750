# SPDX-License-Identifier: BSL-1.0
"""All mutants of the project: those of mutants.py and those of orders.py, with their sources."""

import re
from dataclasses import dataclass

import mutants as table
import orders
from sources import Stale, modelled_sources


@dataclass
class Mutant:
    id: str
    path: str
    text: str  # of the whole file, with the mutation
    detail: str = ''
    explanation: str = ''  # why no model test finds it


def tokens_of(code):
    """The words and signs of code, without its comments."""
    return re.findall(r'\w+|[^\w\s]', orders.without_comments(code))


def pattern_of(tokens):
    start = r'\b' if re.match(r'\w', tokens[0]) else ''
    return start + r'\s*'.join(map(re.escape, tokens))


def places_of(old, text):
    """Where the quoted code stands, whatever its line breaks and comments are."""
    if not tokens_of(old):
        return []
    start = r'^\s*' if old[0] == ' ' else ''
    pattern = start + pattern_of(tokens_of(old))
    return [match.span()
            for match in re.finditer(pattern, orders.without_comments(text), re.M)]


def nearest(old, text):
    """The line of the source up to which the quote fits, and what the line says."""
    code = orders.without_comments(text)
    tokens = tokens_of(old)
    for length in range(len(tokens) - 1, 0, -1):
        match = re.search(pattern_of(tokens[:length]), code)
        if match:
            number = code.count('\n', 0, match.end()) + 1
            line = text.split('\n')[number - 1].strip()
            return f'  fits up to line {number}, not to `{tokens[length]}`: {line}\n'
    return ''


def stale_quote(entry, old, places, sources):
    """What to say of a quote that does not stand exactly once in its file."""
    text = sources.get(entry.path)
    if text is None:
        return f'{entry.id}: there is no file {entry.path}'
    if places:
        return f'{entry.id}: found {len(places)} times in {entry.path}:\n{old}'
    others = [path for path, other in sorted(sources.items()) if places_of(old, other)]
    hint = f'  stands in {", ".join(others)}\n' if others else nearest(old, text)
    return f'{entry.id}: not found in {entry.path}:\n{hint}{old}'


def structural_mutants(sources, problems):
    for entry in table.STRUCTURAL:
        text = sources.get(entry.path, '')
        for old, new in entry.changes:
            places = places_of(old, text)
            if len(places) != 1:
                problems.append(stale_quote(entry, old, places, sources))
            for start, end in places[:1]:
                text = text[:start] + new + text[end:]
        yield Mutant(entry.id, entry.path, text, entry.detail, entry.explained)


def order_mutants(sources, problems):
    unused = set(table.ORDERS_EXPLAINED)
    for weakening in orders.find(sources):
        unused.discard(weakening.id)
        yield Mutant(weakening.id, weakening.path, weakening.apply(sources[weakening.path]),
                     f'edge {weakening.edge}' if weakening.edge else '',
                     table.ORDERS_EXPLAINED.get(weakening.id, ''))
    problems += [f'{name}: explained, but there is no such mutant' for name in sorted(unused)]


def all_mutants(root):
    """Raises Stale if the table does not fit the sources."""
    sources = modelled_sources(root)
    problems = []
    found = [*structural_mutants(sources, problems), *order_mutants(sources, problems)]
    names = [mutant.id for mutant in found]
    problems += [f'{name}: occurs twice' for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise Stale('the table does not fit the sources:\n' + '\n'.join(problems))
    return found
