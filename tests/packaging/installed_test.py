#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Programs use the installed library by pkg-config or by a plain line, and uninstalling leaves nothing."""

import os
import shlex
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

PROGRAMS = ('main.cpp', 'async.cpp')
SAYS = 'admitted one of two'


def files_under(folder):
    return sorted(os.path.join(f, n) for f, _, names in os.walk(folder) for n in names)


class Installed(shipped.ShippedTest):
    def build_and_run(self, *flags, **environment):
        """What is linked to the last program."""
        for program in PROGRAMS:
            source = os.path.join(shipped.HERE, 'consumer', program)
            shipped.compile_program(source, self.path('program'), *flags)
            said = shipped.output_of(self.path('program'), **environment).splitlines()
            self.assertEqual(said[-1], SAYS)
        return shipped.output_of('readelf', '--dynamic', self.path('program'))

    def flags_of(self, *words):
        pc = {'PKG_CONFIG_LIBDIR': os.path.join(self.tree.lib, 'pkgconfig'),
              'PKG_CONFIG_SYSROOT_DIR': self.tree.root}
        return shlex.split(shipped.output_of('pkg-config', *words, 'admit', **pc))

    def test_by_pkg_config_shared(self):
        linked = self.build_and_run(*self.flags_of('--cflags', '--libs'),
                                    LD_LIBRARY_PATH=self.tree.lib)
        self.assertIn(f'[libadmit.so.{shipped.soversion()}]', linked)

    def test_by_a_plain_line_with_the_static_library(self):
        self.assertNotIn('libadmit', self.build_and_run(*self.static))

    def test_no_macro_of_asio_is_among_the_flags(self):
        self.assertNotIn('ASIO', ' '.join(self.flags_of('--cflags', '--libs', '--static')))

    def test_all_is_below_destdir_and_uninstalled_again(self):
        root = self.path('elsewhere')
        shipped.output_of('meson', 'install', '-C', self.tree.build, '--no-rebuild', DESTDIR=root)
        here = [os.path.relpath(name, root) for name in files_under(root)]
        self.assertEqual(here, [os.path.relpath(name, self.tree.root)
                                for name in files_under(self.tree.root)])
        shipped.output_of('ninja', '-C', self.tree.build, 'uninstall', DESTDIR=root)
        self.assertEqual(files_under(root), [])
        self.assertNotEqual(files_under(self.tree.root), [])


if __name__ == '__main__':
    shipped.main()
