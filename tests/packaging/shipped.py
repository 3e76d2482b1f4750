# SPDX-License-Identifier: BSL-1.0
"""The library as it is shipped, static and shared, for the tests beside this file.

It is built once, in a folder of its own, and installed below another: `ADMIT_WORK`, by default
build-packaging. `CXX` is the compiler, by default g++. Run by hand, a test needs no argument.
"""

import fcntl
import os
import re
import shlex
import subprocess
import sys
import unittest
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK = os.environ.get('ADMIT_WORK') or os.path.join(ROOT, 'build-packaging')
CXX = os.environ.get('CXX', 'g++')
COMPILER = shlex.split(CXX.removeprefix('ccache '))
PROGRAMS = os.path.join(HERE, 'programs')
FULL = os.environ.get('ADMIT_FULL') == '1'  # run_tests.sh --full


class Installed(NamedTuple):
    build: str
    root: str  # stands before every path, as DESTDIR
    include: str
    lib: str


def output_of(*command, **environment):
    """What a command that has to succeed prints."""
    done = subprocess.run(command, text=True, env={**os.environ, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise AssertionError(f'{shlex.join(command)}\n{done.stdout}\nexit code {done.returncode}')
    return done.stdout


def version():
    with open(os.path.join(ROOT, 'meson.build'), encoding='utf-8') as file:
        return re.search(r"version : '([^']+)'", file.read()).group(1)


def soversion():
    major, minor, _ = version().split('.')
    return f'0.{minor}' if major == '0' else major


def install():
    """Builds and installs what has changed since the last time."""
    build, root = os.path.join(WORK, 'both'), os.path.join(WORK, 'root')
    os.makedirs(WORK, exist_ok=True)
    with open(os.path.join(WORK, 'lock'), 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run at the same time
        if not os.path.exists(os.path.join(build, 'build.ninja')):
            output_of('meson', 'setup', build, ROOT, '--prefix=/usr', '--libdir=lib',
                      '-Ddefault_library=both', '-Dtests=disabled', '-Dtools=disabled', CXX=CXX)
        output_of('ninja', '-C', build)
        output_of('meson', 'install', '-C', build, '--no-rebuild', DESTDIR=root)
    return Installed(build, root, os.path.join(root, 'usr/include'), os.path.join(root, 'usr/lib'))


def compile_program(source, target, *flags, compiler=None, check=True):
    """Compiles a program of this folder; (exit code, what the compiler said)."""
    command = [*(compiler or COMPILER), '-std=c++20', '-O1', os.path.join(PROGRAMS, source),
               '-o', target, '-pthread', *flags]
    if os.environ.get('BOOST_ROOT'):
        command += ['-isystem', os.path.join(os.environ['BOOST_ROOT'], 'include')]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode:
        raise AssertionError(f'{shlex.join(command)}\n{done.stdout}')
    return done.returncode, done.stdout


class ShippedTest(unittest.TestCase):
    """A test with the installed library, and a folder for what it makes."""

    @classmethod
    def setUpClass(cls):
        cls.tree = install()
        cls.folder = os.path.join(WORK, cls.__name__)
        os.makedirs(cls.folder, exist_ok=True)
        cls.static = [f'-I{cls.tree.include}', os.path.join(cls.tree.lib, 'libadmit.a')]
        cls.shared = [f'-I{cls.tree.include}', f'-L{cls.tree.lib}', '-ladmit',
                      f'-Wl,-rpath,{cls.tree.lib}']

    def path(self, name):
        return os.path.join(self.folder, name)


def main():
    sys.stdout.reconfigure(line_buffering=True)
    unittest.main(verbosity=2)
