#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What the shared library exports: the list in symbols.txt, and no unique symbol.

    exports_test.py [--write]    --write: writes symbols.txt
"""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

LIST = os.path.join(shipped.HERE, 'symbols.txt')
HEAD = '''\
# What libadmit.so exports of admit, without inline functions. tests/packaging/exports_test.py
# compares, and writes this file with --write. BUILD stands for Boost and its macros.
'''


def library():
    return os.path.join(shipped.install().lib, 'libadmit.so')


def exported():
    """(kind, demangled name) of each exported symbol."""
    lines = shipped.output_of('nm', '-DC', '--defined-only', library()).splitlines()
    return [tuple(re.fullmatch(r'[0-9a-f]+ (\w) (.*)', line).groups()) for line in lines]


def ours():
    """Functions and variables that are defined once."""
    names = {name for kind, name in exported() if kind not in 'VWu'}
    return sorted(re.sub(r'compile_admit_with_\w+', 'BUILD', name) for name in names)


class Exports(shipped.ShippedTest):
    def test_are_those_of_the_list(self):
        with open(LIST, encoding='utf-8') as file:
            listed = [line for line in file.read().splitlines() if not line.startswith('#')]
        self.assertEqual(ours(), listed)

    def test_the_rest_is_shared_between_objects_by_name(self):
        for kind, name in exported():
            if kind in 'VW' and not re.search(r'\b(boost|std)::|admit::detail::wait_base$', name):
                self.fail(f'exports {name}, which is neither of Boost nor of the standard library')

    def test_none_is_unique(self):
        self.assertEqual([name for kind, name in exported() if kind == 'u'], [])

    def test_the_soname_is_that_of_the_minor_version_before_1_0(self):
        self.assertRegex(shipped.soversion(), r'^0\.[0-9]+$|^[1-9][0-9]*$')
        soname = f'libadmit.so.{shipped.soversion()}'
        dynamic = shipped.output_of('readelf', '--dynamic', '--wide', library())
        self.assertIn(f'soname: [{soname}]', dynamic)
        present = {name for name in os.listdir(self.tree.lib) if name.startswith('libadmit.so')}
        self.assertEqual(present, {'libadmit.so', soname, f'libadmit.so.{shipped.version()}'})


if __name__ == '__main__':
    if sys.argv[1:] == ['--write']:
        with open(LIST, 'w', encoding='utf-8') as out:
            out.write(HEAD + '\n'.join(ours()) + '\n')
    else:
        shipped.main()
