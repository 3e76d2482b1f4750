#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The targets of platforms.sh: what is described to meson, and that no failure counts as passed."""

import configparser
import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../tools/common'))
import check_asio  # noqa: E402
import platforms  # noqa: E402
import targets  # noqa: E402
from console import BAD_USAGE, FAILED, Stop  # noqa: E402


PAGE = os.path.join(HERE, '../../docs/platforms.md')
WITHOUT_TARGET = {'tested', 'meant to work'}  # states of a row that names no target


def rows_of_the_page():
    """(names of targets, states) of each row: what stands before a comma or colon is the state."""
    with open(PAGE, encoding='utf-8') as file:
        rows = re.findall(r'^\| (?:Linux|Windows|macOS|FreeBSD).*\| *(.*?) *\| (.*?) \|$', file.read(), re.M)
    return [(re.findall(r'`(.*?)`', names), {re.split('[,:]', part)[0].strip() for part in state.split(';')})
            for names, state in rows]


def state_of(target):
    if target.full:
        return 'has a target'
    return 'tested' if target.tests else 'built'


def read(text):
    file = configparser.ConfigParser()
    file.read_string(text)
    return file


class Table(unittest.TestCase):
    def test_each_test_of_a_target_exists(self):
        for target in targets.TARGETS:
            for name in target.tests:
                if name != targets.UNIT:
                    suite, _, source = name.partition('_')
                    self.assertTrue(os.path.exists(os.path.join(
                        HERE, f'../{suite}/{source}.cpp')), name)

    def test_each_target_is_on_the_page_with_its_state(self):
        rows = rows_of_the_page()
        for names, states in rows:
            with self.subTest(names):
                self.assertLessEqual(states, WITHOUT_TARGET if not names else
                                     {state_of(targets.named(name)) for name in names})
                for name in names:
                    self.assertIn(state_of(targets.named(name)), states)
        self.assertEqual(sorted(name for names, _ in rows for name in names),
                         sorted(target.name for target in targets.TARGETS if not target.refused))

    def test_each_compiler_that_is_refused_is_on_the_page(self):
        with open(PAGE, encoding='utf-8') as file:
            page = file.read()
        for target in targets.TARGETS:
            if target.refused:
                self.assertIn(f'`{target.name}` checks the sentence', page)

    def test_another_machine_is_described(self):
        file = read(targets.machine_file(targets.named('s390x-run'), ['ccache', 's390x-linux-gnu-g++']))
        self.assertEqual(file['binaries']['cpp'], "['ccache', 's390x-linux-gnu-g++']")
        self.assertEqual(file['binaries']['ar'], "'s390x-linux-gnu-ar'")
        self.assertEqual(file['host_machine']['endian'], "'big'")
        self.assertIn('qemu-s390x-static', file['binaries']['exe_wrapper'])
        self.assertIn(targets.HEADERS, file['built-in options']['cpp_args'])

    def test_this_machine_has_no_emulator_and_its_own_headers(self):
        file = read(targets.machine_file(targets.named('portable'), ['g++']))
        self.assertNotIn('host_machine', file)
        self.assertNotIn('exe_wrapper', file['binaries'])
        self.assertNotIn(targets.HEADERS, file['built-in options']['cpp_args'])

    def test_the_headers_are_boost_and_doctest_alone(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        for name in ('boost', 'doctest', 'bits'):
            os.makedirs(os.path.join(folder, 'from', name))
        with mock.patch.object(targets, 'HEADERS', os.path.join(folder, 'to')), \
                mock.patch.object(targets.packages, 'has_boost', lambda _: True):
            targets.link_headers([os.path.join(folder, 'from')])
            self.assertEqual(sorted(os.listdir(os.path.join(folder, 'to/include'))),
                             ['boost', 'doctest'])

    def test_in_a_read_only_tree_a_copy_is_asked_for(self):
        with mock.patch.object(targets, 'HEADERS', '/proc/headers'), \
                self.assertRaises(Stop) as stop:
            targets.link_headers([])
        self.assertEqual(stop.exception.code, BAD_USAGE)
        self.assertRegex(str(stop.exception), '/proc/headers .*: work in a copy of the sources')

    def test_the_cheap_targets_are_the_default(self):
        parser = platforms.make_parser()
        names = [target.name for target in platforms.chosen(parser.read([]))]
        self.assertEqual(names, ['libc++', 'portable', 'armhf', 's390x', 'aarch64'])
        self.assertEqual(len(platforms.chosen(parser.read(['--full']))), len(targets.TARGETS))
        self.assertEqual(platforms.chosen(parser.read(['i386'])), [targets.named('i386')])


class Counting(unittest.TestCase):
    def count(self, ran=(0, 0), build=None, *names):
        def fail(*_):
            if build:
                raise Stop(build, 'the build failed')

        with mock.patch.object(platforms, 'install', lambda *_: None), \
                mock.patch.object(platforms, 'configure', lambda *_: None), \
                mock.patch.object(platforms, 'programs', lambda *_: []), \
                mock.patch.object(platforms, 'run', lambda *_: ran), \
                mock.patch.object(platforms.builds, 'build', fail), \
                contextlib.redirect_stdout(io.StringIO()) as out, \
                contextlib.redirect_stderr(io.StringIO()):
            code = platforms.main(list(names))
        return code, out.getvalue().strip().split('\n')[-1]

    def test_a_build_counts_as_one_and_tests_by_their_number(self):
        self.assertEqual(self.count((7, 0), None, 'libc++', 'armhf'), (0, '9 passed, 0 failed'))

    def test_a_failed_build_or_test_fails(self):
        self.assertEqual(self.count((7, 0), FAILED, 'armhf'), (1, '0 passed, 1 failed'))
        self.assertEqual(self.count((7, 1), None, 'libc++'), (1, '8 passed, 1 failed'))

    def test_a_folder_that_is_not_ours_stops_it(self):
        with self.assertRaises(Stop):
            self.count((0, 0), BAD_USAGE, 'armhf')

    def test_a_compiler_that_is_not_refused_fails(self):
        accepts = targets.Target('x', 'true', refused='too old')
        self.assertFalse(platforms.refuses(accepts))


class Asio(unittest.TestCase):
    def test_a_folder_without_asio_is_refused_and_its_version_is_read(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        with self.assertRaises(Stop) as stop:
            check_asio.asio_version(folder)
        self.assertEqual(stop.exception.code, BAD_USAGE)
        os.makedirs(os.path.join(folder, 'boost/asio'))
        for name, text in (('asio/version', '#define BOOST_ASIO_VERSION 103800 // 1.38.0'), ('asio', '')):
            with open(os.path.join(folder, f'boost/{name}.hpp'), 'w', encoding='utf-8') as file:
                file.write(text)
        self.assertEqual(check_asio.asio_version(folder), 103800)


if __name__ == '__main__':
    unittest.main()
