#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Options of the scripts: what is refused and how, which suites run, what a tool is handed."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/common'))
import fuzz  # noqa: E402
import packages  # noqa: E402
import run_profile  # noqa: E402
import run_tests  # noqa: E402
import run_tool  # noqa: E402
import soak  # noqa: E402
from console import Stop  # noqa: E402


def refusal(action):
    """(exit code, first line on stderr) of an action that ends the script."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            action()
        except SystemExit as left:
            return left.code, said.getvalue().partition('\n')[0]
    return None, said.getvalue()


REFUSED = [  # the parser, what is typed, the message after the script's name
    (run_tests, ['--jobs', '0'], '--jobs 0: must be a whole number from 1 to 9999'),
    (run_tests, ['--jobs=10000'], '--jobs 10000: must be a whole number from 1 to 9999'),
    (run_tests, ['--jobs', '-1'], '--jobs -1: must be a whole number from 1 to 9999'),
    (run_tests, ['--jobs'], '--jobs needs a value'),
    (run_tests, ['--suite', 'x'], '--suite x: must be unit, c, async, stress, history, model, '
                                  'fleet, examples, tidy, load, bench, bot, e2e, fuzz, packaging, python, '
                                  'metrics or docs'),
    (run_tests, ['--sanitize', 'memory'], '--sanitize memory: must be none, address, thread, '
                                          'undefined or address,undefined'),
    (run_tests, ['--compiler', 'icc'], '--compiler icc: must be g++, g++-N, clang++ or clang++-N'),
    (run_tests, ['--build-dir='], '--build-dir must name a directory'),
    (run_tests, ['--sui', 'unit'], "unknown option '--sui'"),
    (run_tests, ['unit'], "unexpected argument 'unit'"),
    (soak, [], 'MINUTES is missing'),
    (soak, ['--bogus'], "unknown option '--bogus'"),
    (soak, ['0'], 'MINUTES 0: must be a whole number from 1 to 99999'),
    (fuzz, ['--minutes', '0'], '--minutes 0: must be a number from 0.1 to 9999'),
    (fuzz, ['--minutes', 'inf'], '--minutes inf: must be a number from 0.1 to 9999'),
    (fuzz, ['--compiler', 'g++'], '--compiler g++: must be clang++ or clang++-N'),
    (fuzz, ['users'], 'TARGET users: must be engine, user_ids or command_line'),
    (run_profile, ['--with', 'gdb', 'x'], '--with gdb: must be perf or gperftools'),
    (run_profile, ['--operations', '0', 'x'],
     '--operations 0: must be a whole number from 1 to 999999999999'),
]


class Refusals(unittest.TestCase):
    def test_name_the_option_the_value_and_the_range(self):
        for module, typed, message in REFUSED:
            parser = module.make_parser()
            with self.subTest(typed=typed):
                self.assertEqual(refusal(lambda: parser.read(typed)),
                                 (2, f'{parser.script}: {message}'))

    def test_values_within_the_range_are_read(self):
        options = run_tests.make_parser().read(
            ['--jobs=3', '--suite', 'unit', '--suite=tidy', '--compiler', 'clang++-19', '--yes'])
        self.assertEqual((options.jobs, options.suite, options.compiler, options.yes),
                         (3, ['unit', 'tidy'], 'clang++-19', True))
        self.assertEqual(fuzz.make_parser().read(['engine', '--minutes', '0.5']).minutes, .5)


class Suites(unittest.TestCase):
    @staticmethod
    def chosen(*typed):
        parser = run_tests.make_parser()
        return run_tests.choose_suites(parser, parser.read(typed))

    def test_without_options_those_of_the_engine(self):
        self.assertEqual(self.chosen(), ['unit', 'c', 'async', 'stress', 'history', 'model',
                                         'fleet', 'examples', 'tidy'])

    def test_named_ones_alone(self):
        self.assertEqual(self.chosen('--suite', 'load', '--suite', 'unit'), ['unit', 'load'])

    def test_all_is_what_the_compiler_can_build(self):
        engine_and_tools = list(run_tests.ENGINE_SUITES) + ['load', 'bench', 'bot', 'e2e']
        self.assertEqual(self.chosen('--all'), engine_and_tools + ['packaging', 'python', 'metrics', 'docs'])
        self.assertEqual(self.chosen('--all', '--sanitize', 'thread'), engine_and_tools + ['metrics', 'docs'])
        self.assertEqual(self.chosen('--all', '--compiler', 'clang++-19'),
                         engine_and_tools + ['fuzz', 'packaging', 'python', 'metrics', 'docs'])
        self.assertNotIn('load', self.chosen('--all', '--quick'))

    def test_what_cannot_be_is_refused(self):
        for typed in (['--suite', 'fuzz'], ['--suite', 'load', '--quick'], ['--all', '--suite', 'unit'],
                      ['--suite', 'fuzz', '--compiler', 'clang++', '--sanitize', 'thread'],
                      ['--suite', 'packaging', '--sanitize', 'thread'], ['--suite', 'unit', '--full']):
            with self.subTest(typed=typed):
                self.assertEqual(refusal(lambda: self.chosen(*typed))[0], 2)

    @staticmethod
    def names(*typed):
        parser = run_tests.make_parser()
        options = parser.read(typed)
        return {p.name for p in run_tests.needed(options, run_tests.choose_suites(parser, options))}

    def test_the_default_needs_a_compiler_and_doctest_alone(self):
        self.assertEqual(self.names(), {'g++', 'meson', 'ninja-build', 'pkg-config', 'doctest-dev'})

    def test_other_suites_need_the_packages_of_the_tools(self):
        self.assertLessEqual({p.name for p in packages.TOOLS}, self.names('--suite', 'load'))
        self.assertLessEqual({'valgrind', 'google-perftools', 'chromium'},
                             self.names('--suite', 'bench'))
        self.assertLessEqual({'mkdocs', 'doxygen'}, self.names('--suite', 'docs'))
        self.assertLessEqual({'ngircd', 'python3-irc', 'ii', 'weechat-headless', 'openssl',
                              'libssl-dev', 'prometheus-cpp-dev'}, self.names('--suite', 'e2e'))
        self.assertLessEqual({'prometheus', 'prometheus-cpp-dev'}, self.names('--suite', 'metrics'))
        self.assertLessEqual({'mkdocs', 'shellcheck', 'faketime', 'clang-format-14', 'libfmt-dev'},
                             self.names('--all'))

    def test_clang_brings_its_library_and_runtime(self):
        self.assertLessEqual({'clang-19', 'g++', 'libclang-rt-19-dev'},
                             self.names('--compiler', 'clang++-19'))


class Tools(unittest.TestCase):
    """run_load_tests.sh and bench.sh, with a tool that is not really built or run."""

    def run_script(self, *typed, missing=False):
        """(command that the script became, its output); None without a command."""
        self.prepared = []
        said = io.StringIO()

        def prepare(tool, options, _wanted):
            self.prepared.append(options)
            return f'/there/{os.path.basename(tool.target)}'

        with mock.patch.object(run_tool, 'prepare', prepare), \
                mock.patch.object(run_tool, 'become', lambda command: command), \
                mock.patch.object(packages, 'boost_present', lambda: not missing), \
                mock.patch.object(packages, 'TOOLS', ()), \
                mock.patch.object(packages, 'for_build', lambda _compiler: []), \
                contextlib.redirect_stdout(said):
            command = run_tool.main(list(typed))
        return command, said.getvalue()

    def test_what_is_not_the_scripts_is_handed_on_as_written(self):
        typed = ['--users=7', '--wait', '-1', '--json', '-', '--typo', '--quick', 'million']
        command, _ = self.run_script('load', *typed)
        self.assertEqual(command, ['/there/admit-load', *typed])

    def test_a_first_word_chooses_the_tool_of_the_crowd(self):
        for word in ('million', 'crowd'):
            command, _ = self.run_script('load', word, '--users=7', '--check')
            self.assertEqual(command, ['/there/admit-crowd', '--users=7', '--check'])

    def test_the_scripts_own_options_are_kept(self):
        command, _ = self.run_script('bench', '--quick', '--jobs', '3', '--yes', '--build-dir=x')
        self.assertEqual(command, ['/there/admit-bench', '--quick'])
        [options] = self.prepared
        self.assertEqual((options.jobs, options.yes, os.path.basename(options.build_dir)),
                         (3, True, 'x'))

    def test_a_list_needs_no_build_where_the_tool_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            tool = os.path.join(folder, 'tools/load/admit-load')
            command, _ = self.run_script('load', '--list', '--build-dir', folder)
            self.assertEqual((command, len(self.prepared)), (['/there/admit-load', '--list'], 1))
            os.makedirs(os.path.dirname(tool))
            open(tool, 'w', encoding='utf-8').close()
            command, _ = self.run_script('load', '--list', '--build-dir', folder)
            self.assertEqual((command, self.prepared), ([tool, '--list'], []))
            command, _ = self.run_script('load', '--list', '--quick', '--build-dir', folder)
            self.assertEqual((command, len(self.prepared)),
                             (['/there/admit-load', '--list', '--quick'], 1))

    def test_own_options_are_judged_before_anything_is_installed(self):
        self.assertEqual(refusal(lambda: self.run_script('load', '--jobs', 'x')),
                         (2, 'run_load_tests.sh: --jobs x: must be a whole number from 1 to 9999'))
        self.assertEqual(self.prepared, [])

    def test_help_is_the_scripts_and_then_the_tools(self):
        command, said = self.run_script('load', 'million', '--help')
        self.assertEqual(command, ['/there/admit-crowd', '--help'])
        self.assertIn('run_load_tests.sh million [options of this script and of admit-crowd]', said)
        self.assertIn('--build-dir', said)

    def test_help_installs_nothing_unless_it_may(self):
        command, said = self.run_script('load', '--help', missing=True)
        self.assertEqual((command, self.prepared), (0, []))
        self.assertIn('The options of admit-load follow here once it can be built', said)
        command, _ = self.run_script('load', '--help', '--yes', missing=True)
        self.assertEqual(command, ['/there/admit-load', '--help'])

    def test_pages_do_not_go_with_the_json_of_the_tool(self):
        for typed in (['--docs', '--json', 'x'], ['--json=-', '--html', '/tmp/x.html']):
            status, said = refusal(lambda: self.run_script('bench', *typed))
            self.assertEqual((status, said.partition(':')[0]), (2, 'bench.sh'))
            self.assertIn('--json: not together with --docs or --html', said)
        self.assertEqual(self.prepared, [])

    def test_a_page_that_cannot_be_written_is_refused_at_once(self):
        for path in ('/', '/no/such/folder/x.html', ''):
            self.assertEqual(refusal(lambda: self.run_script('bench', '--html', path)),
                             (2, f'bench.sh: --html {path}: no file can be written there'))
        self.assertEqual(self.prepared, [])


BENCH = """#!/bin/sh
echo "$@" > "$0.log"
while [ $# -gt 1 ]; do shift; done
{writes} cp "$0.json" "$1"
exit {status}
"""


class Pages(unittest.TestCase):
    """The pages of bench.sh, from a tool that only pretends to measure."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.tool = os.path.join(self.folder.name, 'admit-bench')

    def write_pages(self, status, *pages, writes=''):
        """The exit code, or the refusal, of a tool that ends with `status`."""
        with open(self.tool, 'w', encoding='utf-8') as file:
            file.write(BENCH.format(status=status, writes=writes))
        os.chmod(self.tool, 0o755)
        with open(f'{self.tool}.json', 'w', encoding='utf-8') as file:
            file.write('the figures')
        with contextlib.redirect_stderr(io.StringIO()):
            try:
                return run_tool.measure_for_pages(self.tool, ['--quick'], pages)
            except Stop as stop:
                return stop.code

    def page(self, program):
        """A (page, writer): the writer is a program of Python."""
        writer = os.path.join(self.folder.name, 'writer.py')
        with open(writer, 'w', encoding='utf-8') as file:
            file.write(program)
        return os.path.join(self.folder.name, 'page'), writer

    def test_are_written_from_the_json_of_the_run_and_its_status_is_kept(self):
        page, writer = self.page('import shutil, sys\nshutil.copy(*sys.argv[1:])\n')
        for status in (0, 1):
            self.assertEqual(self.write_pages(status, (page, writer)), status)
            with open(page, encoding='utf-8') as file:
                self.assertEqual(file.read(), 'the figures')
            os.remove(page)
        with open(f'{self.tool}.log', encoding='utf-8') as file:
            self.assertEqual(file.read(), f'--quick --json {self.folder.name}/figures.json\n')

    def test_of_an_earlier_run_are_not_written(self):
        page, writer = self.page('import shutil, sys\nshutil.copy(*sys.argv[1:])\n')
        self.assertEqual(self.write_pages(0), 0)  # leaves its figures
        self.assertEqual(self.write_pages(0, (page, writer), writes='true'), 2)
        self.assertEqual(self.write_pages(3, (page, writer)), 3)
        self.assertFalse(os.path.exists(page))

    def test_that_fail_are_no_success(self):
        self.assertEqual(self.write_pages(0, self.page('raise SystemExit(1)')), 3)


if __name__ == '__main__':
    unittest.main()
