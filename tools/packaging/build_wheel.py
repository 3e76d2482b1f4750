# SPDX-License-Identifier: BSL-1.0
"""tools/build_wheel.sh: the wheel of the Python package, by meson-python.

A source tree is made in a temporary folder: that of src/python, with the library as its subproject. The
wheel is for the Python that builds it, on this system, and nothing is fetched.
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'common'))
import builds  # noqa: E402
import installing  # noqa: E402
import packages  # noqa: E402
from console import FAILED, ROOT, Stop, program, say, writing_to  # noqa: E402
from options import Parser  # noqa: E402

PYTHON = '/usr/bin/python3'  # the one that Debian's meson-python is for
LIBRARY = ('meson.build', 'meson_options.txt', 'LICENSE', 'include', 'src')
DESCRIPTION = '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get) and builds the wheel
of the Python package, for the Python of the system. The last line is its name.'''
EXIT_CODES = '''\
Exit codes: 0 built, 1 the build failed, 2 bad usage, 3 something is missing
that cannot be installed from here.'''


def make_parser():
    parser = Parser('build_wheel.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--output', metavar='DIR', default=os.path.join(ROOT, 'build-wheel'),
                        help='where the wheel goes (default: build-wheel)')
    parser.add_common()
    parser.offer_help()
    return parser


def make_tree(folder):
    """The sources of the wheel."""
    shutil.copytree(os.path.join(ROOT, 'src/python'), folder)
    engine = os.path.join(folder, 'subprojects/engine')
    os.makedirs(engine)
    for name in LIBRARY:
        source, target = os.path.join(ROOT, name), os.path.join(engine, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, ignore=shutil.ignore_patterns('python'))
        else:
            shutil.copy(source, target)
    shutil.copy(os.path.join(ROOT, 'LICENSE'), folder)


def build(output):
    """The path of the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, 'admit')
        make_tree(tree)
        code = f'import mesonpy; print(mesonpy.build_wheel({output!r}))'
        compiler = {'CXX': builds.compile_command('g++'), **builds.c_compiler('g++')}
        done = subprocess.run([PYTHON, '-c', code], cwd=tree, env={**os.environ, **compiler},
                              text=True, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    if done.returncode:
        say(done.stdout)
        raise Stop(FAILED, 'the wheel was not built')
    return os.path.join(output, done.stdout.splitlines()[-1])


def environment(folder, wheel, *options):
    """The interpreter of a new virtual environment that has the wheel. Nothing is fetched."""
    python = os.path.join(folder, 'bin/python')
    for command in ([PYTHON, '-m', 'venv', *options, folder],
                    [python, '-m', 'pip', 'install', '--no-index', '--quiet', wheel]):
        if subprocess.run(command, check=False).returncode:
            raise Stop(FAILED, f'{" ".join(command)} failed')
    return python


def main(arguments):
    options = make_parser().read(arguments)
    output = os.path.abspath(options.output)
    with writing_to(output, 'name another folder with --output'):
        os.makedirs(output, exist_ok=True)
    installing.install([*packages.for_build('g++'), *packages.WHEEL], options.yes)
    print(build(output))
    return 0


if __name__ == '__main__':
    program(main)
