# SPDX-License-Identifier: BSL-1.0
"""Builds the package with options of its own, without a wheel: for sanitizers, for other systems' ways."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
for folder in ('tools/common', 'tools/packaging'):
    sys.path.insert(0, os.path.join(ROOT, folder))
import build_wheel  # noqa: E402
import builds  # noqa: E402

TESTS = os.path.join(ROOT, 'tests/python')


def output_of(*command, folder=None, **environment):
    """What a command prints, in a folder that has no package in it. An error if it fails."""
    done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=folder or tempfile.gettempdir(),
                          env={**os.environ, **environment})
    if done.returncode:
        raise AssertionError(f'{" ".join(command)}: exit code {done.returncode}\n{done.stdout}')
    return done.stdout


class Build:
    """A source tree of the wheel in a folder, configured by meson."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.tree = os.path.join(folder, 'tree')
        build_wheel.make_tree(self.tree)
        # The C interface uses nothing of src/async, which takes most of the compiler's time.
        self.edit('subprojects/engine/src/meson.build', r"^ *'async/.*\n", '')
        output_of('meson', 'setup', *options, 'build', self.tree, folder=folder,
                  CXX=builds.compile_command('g++'), **builds.c_compiler('g++'))

    def configure(self, *options):
        output_of('meson', 'configure', *options, 'build', folder=self.folder)

    def edit(self, name, pattern, replacement):
        """Changes a file of the tree, where the pattern has to match."""
        path = os.path.join(self.tree, name)
        with open(path, encoding='utf-8') as file:
            text, count = re.subn(pattern, replacement, file.read(), flags=re.M)
        assert count, f'{name}: no match for {pattern}'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def package(self, name):
        """Builds; the folder with the package, for PYTHONPATH."""
        # Without its folder in the key, ccache knows an object of every temporary folder.
        output_of('ninja', '-C', 'build', folder=self.folder, CCACHE_NOHASHDIR='1')
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.join(path, 'admit'))
        for file in (*glob.glob(os.path.join(self.tree, 'admit/*.py')),
                     *glob.glob(os.path.join(self.folder, 'build/_engine.*.so'))):
            shutil.copy(file, os.path.join(path, 'admit'))
        return path


def module_in(package):
    """The path of the module in a package that was built here."""
    return glob.glob(os.path.join(package, 'admit/_engine.*.so'))[0]


def run(package, test, **environment):
    """What a test prints that uses that package."""
    return output_of(build_wheel.PYTHON, '-X', 'dev', '-W', 'error', os.path.join(TESTS, test),
                     PYTHONPATH=package, PYTHONDONTWRITEBYTECODE='1', **environment)
