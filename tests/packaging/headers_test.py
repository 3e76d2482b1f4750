#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Installed headers compile alone in other dialects; those of the engine, and a program that uses them,
need neither Asio nor exceptions nor types at run time."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

DIALECTS = (('-std=c++2b',), ('-std=c++20', '-fno-rtti'))
BARE = ('-std=c++20', '-fno-rtti', '-fno-exceptions')


class Headers(shipped.ShippedTest):
    def compile_header(self, name, *flags):
        """The files that it includes."""
        command = [*shipped.COMPILER, *flags, '-Wall', '-Wextra', '-Wpedantic', '-Werror',
                   f'-I{self.tree.include}', '-fsyntax-only', '-H', '-x', 'c++', '-']
        if os.environ.get('BOOST_ROOT'):
            command += ['-isystem', os.path.join(os.environ['BOOST_ROOT'], 'include')]
        done = subprocess.run(command, input=f'#include <admit/{name}>\n', text=True,
                              stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr[-5000:])
        return done.stderr

    def public(self):
        folder = os.path.join(self.tree.include, 'admit')
        return sorted(name for name in os.listdir(folder) if name.endswith('.hpp'))

    def test_compile_in_other_dialects(self):
        for name in self.public():
            for flags in DIALECTS:
                with self.subTest(name, flags=flags):
                    self.compile_header(name, *flags)

    def test_the_engine_needs_no_asio_and_no_exceptions(self):
        self.assertIn('engine.hpp', self.public())
        for name in self.public():
            if name != 'async.hpp':
                with self.subTest(name):
                    self.assertNotIn('/boost/asio/', self.compile_header(name, *BARE))

    def test_a_program_of_the_engine_links_and_runs_so(self):
        source = os.path.join(shipped.HERE, 'consumer/main.cpp')
        shipped.compile_program(source, self.path('bare'), *BARE, *self.static)
        self.assertEqual(shipped.output_of(self.path('bare')), 'admitted one of two\n')


if __name__ == '__main__':
    shipped.main()
