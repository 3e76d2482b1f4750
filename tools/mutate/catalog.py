"""All mutants of the project: those of mutants.py and those of orders.py, with their sources."""

import os
import re
from dataclasses import dataclass

import mutants as table
import orders


@dataclass
class Mutant:
    id: str
    path: str
    text: str  # of the whole file, with the mutation
    detail: str = ''
    explanation: str = ''  # why no model test finds it


class Stale(Exception):
    """The table of mutants or a list of scenarios does not fit the sources."""


def read_sources(root):
    """The text of each file of src, by its path in the project."""
    sources = {}
    for folder, _, names in os.walk(os.path.join(root, 'src')):
        for name in names:
            full = os.path.join(folder, name)
            with open(full, encoding='utf-8') as file:
                sources[os.path.relpath(full, root).replace(os.sep, '/')] = file.read()
    return sources


def places_of(old, text):
    """Where the quoted code stands, however clang-format has broken its lines."""
    words = re.findall(r'\w+|[^\w\s]', old)
    start = r'^\s*' if old[0] == ' ' else ''
    for match in re.finditer(start + r'\s*'.join(map(re.escape, words)), text, re.M):
        yield match.span()


def structural_mutants(sources, problems):
    for entry in table.STRUCTURAL:
        text = sources.get(entry.path, '')
        for old, new in entry.changes:
            places = list(places_of(old, text))
            if len(places) != 1:
                problems.append(f'{entry.id}: found {len(places)} times in {entry.path}:\n{old}')
            for start, end in places[:1]:
                text = text[:start] + new + text[end:]
        yield Mutant(entry.id, entry.path, text, entry.what, entry.explained)


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
    sources = read_sources(root)
    problems = []
    found = [*structural_mutants(sources, problems), *order_mutants(sources, problems)]
    names = [mutant.id for mutant in found]
    problems += [f'{name}: occurs twice' for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise Stale('the table does not fit the sources:\n' + '\n'.join(problems))
    return found
