# SPDX-License-Identifier: BSL-1.0
"""The sources of the product and of the tests that mutants are tried with. Used by catalog.py and trial.py."""

import os
import re

MODEL_TESTS = 'tests/model/meson.build'
CHECKER = 'tests/checker/meson.build'
# Asio resumes waiters in async, and system calls the operating system: no model test includes them.
NOT_MODELLED = ('async', 'system')


class Stale(Exception):
    """The table of mutants or a list of scenarios does not fit the sources."""


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def model_programs(root):
    """The sources of each model test, by its name, as tests/model/meson.build lists them. A test with
    sources outside of src and tests/model is left out."""
    text = read(root, MODEL_TESTS)

    def paths(listed):
        return [os.path.normpath(os.path.join(os.path.dirname(MODEL_TESTS), path))
                for path in re.findall(r"'([^']+\.cpp)'", listed)]

    rules = dict(re.findall(r'^(\w+_rules) = files\((.*?)\)', text, re.M | re.S))
    cases = re.search(r'^model_cases = \{(.*?)^\}', text, re.M | re.S)
    if 'model_rules' not in rules or cases is None:
        raise Stale(f'{MODEL_TESTS}: no model_rules or no model_cases')
    programs = {}
    for name, listed, added in re.findall(
            r"'(\w+)': files\(([^)]*)\)((?: \+ \w+_rules)*),", cases.group(1)):
        sources = paths(listed) + [source for rule in re.findall(r'\w+_rules', added)
                                   for source in paths(rules.get(rule, ''))]
        if all(source.startswith(('src/', 'tests/model/')) for source in sources):
            programs[name] = sources
    if not programs:
        raise Stale(f'{MODEL_TESTS}: model_cases lists no test')
    return programs


def plain_programs():
    """Tests without the checker, by name: those of structures that one thread at a time uses, which need
    no source of the library."""
    return {f'unit_{name}': [f'tests/unit/{name}.cpp', 'tests/support/doctest_main.cpp']
            for name in ('fair_queue', 'fair_queue_limits')}


def checker_sources(root):
    library = re.search(r'static_library\((.*?)\n\)', read(root, CHECKER), re.S)
    if library is None:
        raise Stale(f'{CHECKER}: no static_library')
    return [f'{os.path.dirname(CHECKER)}/{name}'
            for name in re.findall(r"'(\w+\.cpp)'", library.group(1))]


def read_sources(root):
    """The text of each file of src, by its path in the project."""
    sources = {}
    for folder, _, names in os.walk(os.path.join(root, 'src')):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, '/')
            sources[path] = read(root, path)
    return sources


def modelled_sources(root):
    """The files of src that model tests compile: all headers of modelled folders, and the sources
    that tests/model/meson.build lists."""
    compiled = {path for listed in model_programs(root).values() for path in listed}
    return {path: text for path, text in read_sources(root).items()
            if path in compiled or
            (path.endswith('.hpp') and path.split('/')[1] not in NOT_MODELLED)}
