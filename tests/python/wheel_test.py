#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The wheel builds, installs offline into a fresh environment, and does what it promises there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
for folder in ('tools/common', 'tools/packaging'):
    sys.path.insert(0, os.path.join(ROOT, folder))
import build_wheel  # noqa: E402
import packages  # noqa: E402

SKIPPED = 77


def output_of(*command):
    done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=tempfile.gettempdir())
    if done.returncode:
        raise AssertionError(f'{" ".join(command)}: exit code {done.returncode}\n{done.stdout}')
    return done.stdout


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.wheel = build_wheel.build(cls.folder.name)
        environment = os.path.join(cls.folder.name, 'environment')
        output_of(build_wheel.PYTHON, '-m', 'venv', environment)
        cls.python = os.path.join(environment, 'bin/python')
        output_of(cls.python, '-m', 'pip', 'install', '--no-index', '--quiet', cls.wheel)

    def run_in_it(self, name):
        return output_of(self.python, '-X', 'dev', '-W', 'error', os.path.join(HERE, name))

    def test_its_name_says_what_it_was_built_for(self):
        version = re.search(r"version : '([^']+)'",
                            open(os.path.join(ROOT, 'meson.build'), encoding='utf-8').read()).group(1)
        minor = output_of(build_wheel.PYTHON, '-c', 'import sys; print("%d%d" % sys.version_info[:2])')
        tag = f'cp{minor.strip()}'
        self.assertRegex(os.path.basename(self.wheel), f'^admit-{version}-{tag}-{tag}-linux_')
        self.assertEqual(output_of(self.python, '-c', 'import admit; print(admit.__version__)').strip(),
                         version)

    def test_it_has_the_package_and_nothing_else(self):
        names = output_of(build_wheel.PYTHON, '-m', 'zipfile', '-l', self.wheel)
        files = {name for name in re.findall(r'^(\S+)', names, re.M) if not '.dist-info/' in name}
        self.assertEqual({re.sub(r'_engine\..*so$', '_engine.so', name) for name in files - {'File'}},
                         {'admit/__init__.py', 'admit/_block.py', 'admit/_engine.pyi', 'admit/_engine.so',
                          'admit/_loops.py', 'admit/_values.py', 'admit/py.typed'})

    def test_the_engine(self):
        self.run_in_it('test_engine.py')

    def test_asyncio(self):
        self.run_in_it('test_asyncio.py')

    def test_loops(self):
        self.run_in_it('test_loops.py')

    def test_types(self):
        self.run_in_it('typed.py')
        if shutil.which('mypy') is None:
            self.skipTest('mypy is not installed')
        output_of('mypy', '--strict', '--cache-dir', os.devnull, '--python-executable', self.python,
                  os.path.join(HERE, 'typed.py'))


if __name__ == '__main__':
    missing = [package.name for package in packages.WHEEL if not package.present()]
    if missing:
        print('not installed: ' + ', '.join(missing))
        sys.exit(SKIPPED)
    unittest.main()
