#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Programs use the installed library by pkg-config, CMake or a plain line, where it is shared and static
and where it is static alone. Uninstalling leaves nothing."""

import glob
import os
import shlex
import shutil
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

PROGRAMS = ('main.cpp', 'async.cpp')
SAYS = 'admitted one of two'


def files_under(folder):
    return sorted(os.path.join(f, n) for f, _, names in os.walk(folder) for n in names)


class Installed(shipped.ShippedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A copy that has the static library alone, moved as its user may move it.
        cls.static_root = os.path.join(cls.folder, 'static')
        shutil.rmtree(cls.static_root, ignore_errors=True)
        shutil.copytree(cls.tree.root, cls.static_root, symlinks=True)
        for name in glob.glob(os.path.join(cls.static_root, 'usr/lib/libadmit.so*')):
            os.remove(name)

    def build_and_run(self, *flags, **environment):
        """What is linked to the last program."""
        for program in PROGRAMS:
            source = os.path.join(shipped.HERE, 'consumer', program)
            shipped.compile_program(source, self.path('program'), *flags)
            said = shipped.output_of(self.path('program'), **environment).splitlines()
            self.assertEqual(said[-1], SAYS)
        return shipped.output_of('readelf', '--dynamic', self.path('program'))

    def flags_of(self, *words, root=None):
        root = root or self.tree.root
        pc = {'PKG_CONFIG_LIBDIR': os.path.join(root, 'usr/lib/pkgconfig'),
              'PKG_CONFIG_SYSROOT_DIR': root}
        return shlex.split(shipped.output_of('pkg-config', *words, 'admit', **pc))

    def test_by_pkg_config_shared(self):
        linked = self.build_and_run(*self.flags_of('--cflags', '--libs'),
                                    LD_LIBRARY_PATH=self.tree.lib)
        self.assertIn(f'[libadmit.so.{shipped.soversion()}]', linked)

    def test_by_pkg_config_static(self):
        flags = self.flags_of('--static', '--cflags', '--libs', root=self.static_root)
        self.assertNotIn('libadmit', self.build_and_run(*flags))

    def linked_by_cmake(self, root):
        """What is linked to a program that CMake has built with what it found below `root`."""
        build = self.path('cmake')
        shutil.rmtree(build, ignore_errors=True)
        shipped.output_of('cmake', '-S', os.path.join(shipped.HERE, 'consumer'), '-B', build,
                          f'-DCMAKE_CXX_COMPILER={" ".join(shipped.COMPILER)}',
                          f'-DCMAKE_PREFIX_PATH={root}/usr')
        shipped.output_of('cmake', '--build', build)
        for program in ('consumer', 'consumer_async'):
            said = shipped.output_of(os.path.join(build, program)).splitlines()
            self.assertEqual(said[-1], SAYS)
        return shipped.output_of('readelf', '--dynamic', os.path.join(build, 'consumer'))

    @unittest.skipUnless(shutil.which('cmake'), 'there is no cmake')
    def test_by_cmake_shared_and_where_there_is_no_shared_one_static(self):
        self.assertIn(f'[libadmit.so.{shipped.soversion()}]', self.linked_by_cmake(self.tree.root))
        self.assertNotIn('libadmit', self.linked_by_cmake(self.static_root))

    @unittest.skipUnless(shutil.which('cmake'), 'there is no cmake')
    def test_a_component_that_does_not_exist_is_refused(self):
        for words, said in (('REQUIRED COMPONENTS nonsense', "admit has no component 'nonsense'"),
                            ('OPTIONAL_COMPONENTS nonsense', 'took it without nonsense')):
            project = self.path('components')
            shutil.rmtree(project, ignore_errors=True)
            os.mkdir(project)
            with open(os.path.join(project, 'CMakeLists.txt'), 'w', encoding='utf-8') as file:
                file.write('cmake_minimum_required(VERSION 3.18)\nproject(other LANGUAGES CXX)\n'
                           f'find_package(admit {words})\n'
                           'if(admit_FOUND AND NOT admit_nonsense_FOUND)\n'
                           '  message(FATAL_ERROR "took it without nonsense")\nendif()\n')
            with self.assertRaises(AssertionError) as failed:
                shipped.output_of('cmake', '-S', project, '-B', os.path.join(project, 'build'),
                                  f'-DCMAKE_PREFIX_PATH={self.tree.root}/usr')
            self.assertIn(said, ' '.join(str(failed.exception).split()))

    def test_by_a_plain_line_with_the_static_library(self):
        self.assertNotIn('libadmit', self.build_and_run(*self.static))

    def test_mimalloc_is_not_looked_for_without_the_tools(self):
        with open(os.path.join(self.tree.build, 'meson-logs/meson-log.txt'), encoding='utf-8') as file:
            log = file.read()
        self.assertIn('mimalloc skipped', log)
        self.assertNotIn('Library mimalloc found', log)

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
