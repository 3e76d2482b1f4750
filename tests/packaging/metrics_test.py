#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A program uses the installed library admit-metrics, by pkg-config and by CMake."""

import os
import shlex
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

SAYS = 'admit_active 1\n'
SKIPPED = 77  # without prometheus-cpp
PROJECT = '''\
cmake_minimum_required(VERSION 3.18)
project(program LANGUAGES CXX)
find_package(admit REQUIRED COMPONENTS {component})
add_executable(program {source})
target_link_libraries(program PRIVATE admit::metrics)
'''


class Metrics(shipped.ShippedTest):
    source = os.path.join(shipped.PROGRAMS, 'metrics.cpp')

    def test_by_pkg_config(self):
        pc = {'PKG_CONFIG_PATH': os.path.join(self.tree.lib, 'pkgconfig'),
              'PKG_CONFIG_SYSROOT_DIR': self.tree.root}
        flags = shlex.split(shipped.output_of('pkg-config', '--cflags', '--libs', 'admit-metrics', **pc))
        # The sysroot stands before the paths of prometheus-cpp too, which is not there.
        shipped.compile_program('metrics.cpp', self.path('program'), *flags)
        self.assertEqual(shipped.output_of(self.path('program'), LD_LIBRARY_PATH=self.tree.lib), SAYS)
        linked = shipped.output_of('readelf', '--dynamic', self.path('program'))
        self.assertIn(f'[libadmit-metrics.so.{shipped.soversion()}]', linked)

    def configure(self, component):
        folder = self.path(component)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open(os.path.join(folder, 'CMakeLists.txt'), 'w', encoding='utf-8') as file:
            file.write(PROJECT.format(component=component, source=self.source))
        prefix = os.path.join(self.tree.root, 'usr')
        shipped.output_of('cmake', '-S', folder, '-B', f'{folder}/build', f'-DCMAKE_PREFIX_PATH={prefix}')
        return folder

    def test_by_cmake(self):
        if shutil.which('cmake') is None:
            self.skipTest('no cmake')
        folder = self.configure('metrics')
        shipped.output_of('cmake', '--build', f'{folder}/build')
        self.assertEqual(shipped.output_of(f'{folder}/build/program', LD_LIBRARY_PATH=self.tree.lib), SAYS)

    def test_a_component_that_is_not_there_is_refused(self):
        if shutil.which('cmake') is None:
            self.skipTest('no cmake')
        with self.assertRaises(AssertionError):
            self.configure('nothing')

    def test_the_library_exports_its_class_alone(self):
        said = shipped.output_of('nm', '-DC', '--defined-only', os.path.join(self.tree.lib, 'libadmit-metrics.so'))
        names = [line.split(' ', 2)[1:] for line in said.splitlines()]
        ours = [name for kind, name in names if kind not in 'VWu' and 'admit::' in name]
        self.assertTrue(ours)
        self.assertEqual([name for name in ours if 'admit::metrics::' not in name], [])
        self.assertEqual([name for kind, name in names if kind == 'u'], [])


if __name__ == '__main__':
    if not os.path.exists(os.path.join(shipped.install().lib, 'libadmit-metrics.so')):
        print('skipped: no prometheus-cpp (Debian, Ubuntu: prometheus-cpp-dev)')
        sys.exit(SKIPPED)
    shipped.main()
