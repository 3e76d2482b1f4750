#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Build directories: which are left alone, which are configured again, which are started again."""

import os
import shutil
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/common'))
import builds  # noqa: E402
from console import BAD_USAGE, FAILED, ROOT, Stop  # noqa: E402


class Configuring(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.directory = os.path.join(self.folder, 'build')
        self.commands = []
        self.compiler = 'a compiler'
        self.meson_fails = 0  # times

        def meson(_what, command, **environment):
            self.commands.append((command, environment))
            if self.meson_fails:
                self.meson_fails -= 1
                raise Stop(FAILED, 'meson failed')
            with open(os.path.join(self.directory, 'build.ninja'), 'w', encoding='utf-8'):
                pass

        for name, fake in (('logged', meson), ('say', lambda *_: None),
                           ('identity', lambda _: [self.compiler])):
            patch = mock.patch.object(builds, name, fake)
            patch.start()
            self.addCleanup(patch.stop)

    def put(self, name, text='precious'):
        os.makedirs(self.directory, exist_ok=True)
        path = os.path.join(self.directory, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def configure(self, **wanted):
        builds.configure(self.directory, 'g++', builds.options(**wanted))

    def test_a_foreign_directory_is_not_touched(self):
        for name in ('build.ninja', 'notes.txt'):
            with self.subTest(name=name):
                path = self.put(name)
                with self.assertRaises(Stop) as stop:
                    self.configure(tests='enabled')
                self.assertEqual(stop.exception.code, BAD_USAGE)
                self.assertIn(self.directory, str(stop.exception))
                self.assertIn('remove it yourself', str(stop.exception))
                self.assertTrue(os.path.exists(path))
                self.assertEqual(os.listdir(self.directory), [name])
                self.assertEqual(self.commands, [])
                shutil.rmtree(self.directory)

    def test_a_foreign_directory_behind_a_link_is_not_touched(self):
        path = self.put('notes.txt')
        link = os.path.join(self.folder, 'link')
        os.symlink(self.directory, link)
        with self.assertRaises(Stop):
            builds.configure(link, 'g++', builds.options())
        self.assertTrue(os.path.exists(path))

    def test_a_missing_or_empty_directory_is_made_ours(self):
        self.configure(tests='enabled')
        [(command, environment)] = self.commands
        self.assertEqual(command[:4], ['meson', 'setup', self.directory, ROOT])
        self.assertIn('-Dtests=enabled', command)
        self.assertIn('-Dtools=disabled', command)
        self.assertTrue(environment['CXX'].endswith('g++'))
        marker = builds.read_marker(self.directory)
        self.assertEqual(marker['made_from'], ['a compiler'])
        self.assertEqual(marker['options']['tests'], 'enabled')

    def test_a_setup_that_failed_leaves_a_directory_that_may_be_removed(self):
        self.meson_fails = 1
        with self.assertRaises(Stop):
            self.configure()
        self.configure()
        self.assertEqual(len(self.commands), 2)

    def test_where_nothing_can_be_written_another_directory_is_asked_for(self):
        self.directory = '/proc/build'
        with self.assertRaises(Stop) as stop:
            self.configure()
        self.assertEqual(stop.exception.code, BAD_USAGE)
        self.assertRegex(str(stop.exception), '/proc/build .*: name another .* --build-dir')

    def test_the_same_again_does_nothing(self):
        self.configure(tests='enabled')
        self.configure(tests='enabled')
        self.assertEqual(len(self.commands), 1)

    def test_what_is_not_asked_for_stays_as_it_is(self):
        self.configure(tests='enabled', tools='enabled', werror='true')
        self.configure(tools='enabled')
        self.configure(tests='enabled')
        self.assertEqual(len(self.commands), 1)

    def test_another_option_configures_again_and_keeps_the_files(self):
        self.configure(werror='true')
        path = self.put('object.o')
        self.configure(werror='false', tools='enabled')
        self.assertIn('--reconfigure', self.commands[1][0])
        self.assertIn('-Dwerror=false', self.commands[1][0])
        self.assertTrue(os.path.exists(path))

    def test_another_compiler_starts_our_own_directory_again(self):
        self.configure()
        path = self.put('object.o')
        self.compiler = 'another compiler'
        self.configure()
        self.assertFalse(os.path.exists(path))
        self.assertEqual(builds.read_marker(self.directory)['made_from'], ['another compiler'])

    def test_an_option_that_is_no_longer_given_starts_our_own_directory_again(self):
        self.configure(cpp_args='-fno-omit-frame-pointer')
        path = self.put('object.o')
        self.configure()
        self.assertFalse(os.path.exists(path))

    def test_configuring_again_in_vain_starts_our_own_directory_again(self):
        self.configure()
        path = self.put('object.o')
        self.meson_fails = 1
        self.configure(tools='enabled')
        self.assertFalse(os.path.exists(path))
        self.assertEqual(builds.read_marker(self.directory)['options']['tools'], 'enabled')

    def test_an_interrupted_marker_is_ours_still(self):
        self.configure()
        self.put(builds.MARKER, '{"made_fr')
        self.configure()
        self.assertEqual(builds.read_marker(self.directory)['made_from'], ['a compiler'])


class Names(unittest.TestCase):
    def test_the_directory_build_is_left_to_the_user(self):
        for compiler, sanitizer, name in (('g++', 'none', 'build-g++'),
                                          ('/usr/bin/clang++-19', 'none', 'build-clang++-19'),
                                          ('g++', 'address,undefined',
                                           'build-g++-address-undefined')):
            self.assertEqual(builds.default_directory(compiler, sanitizer), os.path.join(ROOT, name))

    def test_sanitizers_have_assertions_and_frames(self):
        self.assertEqual(builds.options()['buildtype'], 'release')
        self.assertEqual(builds.options('thread')['buildtype'], 'debugoptimized')


if __name__ == '__main__':
    unittest.main()
