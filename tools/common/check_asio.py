# SPDX-License-Identifier: BSL-1.0
"""tools/check_asio.sh: the asynchronous tests against the Boost sources in a folder."""

import os
import re

import builds
import installing
import packages
import run_tests
from console import BAD_USAGE, Stop, program, say
from options import Parser, directory, whole_number

DESCRIPTION = '''\
Builds the library and its asynchronous tests against the headers in DIR, which
come before those of the system: an unpacked release of Boost, or the folder
`include` of a checkout of boostorg/asio. The last line is `N passed, N failed`.'''
EXIT_CODES = '''\
Exit codes: 0 all passed, 1 a test or the build failed, 2 bad usage, 3 something
is missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('check_asio.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('headers', metavar='DIR', type=directory,
                        help='has boost/asio.hpp')
    parser.add_compiler(default='g++', help='instead of g++')
    parser.add_argument('--timeout-multiplier', metavar='N', type=whole_number(1, 1000),
                        default=1, help='give each test N times its time')
    parser.add_common(build_dir='build-COMPILER-asio-VERSION')
    parser.offer_help()
    return parser


def asio_version(headers):
    """103800 of boost/asio/version.hpp."""
    path = os.path.join(headers, 'boost/asio/version.hpp')
    try:
        with open(path, encoding='utf-8') as file:
            found = re.search(r'^#define BOOST_ASIO_VERSION (\d+)', file.read(), re.M)
    except OSError:
        found = None
    if found is None or not os.path.exists(os.path.join(headers, 'boost/asio.hpp')):
        raise Stop(BAD_USAGE, f'{headers} has no boost/asio.hpp: name the folder that holds the '
                   'folder boost')
    return int(found.group(1))


def machine_file(headers, compiler):
    """The folder comes first, and its warnings are not the project's."""
    words = ', '.join(f"'{word}'" for word in compiler)
    return (f"[binaries]\ncpp = [{words}]\n"
            f"[built-in options]\ncpp_args = ['-I{headers}', '-w']\n")


def main(arguments):
    options = make_parser().read(arguments)
    version = asio_version(options.headers)
    installing.install(packages.for_tests(options.compiler), options.yes)
    name = f'Asio {version // 100000}.{version // 100 % 1000}.{version % 100}'
    say(f'=== {name}, {options.compiler}')
    where = options.build_dir or \
        f'{builds.default_directory(options.compiler)}-asio-{version}'
    text = machine_file(options.headers, builds.compile_command(options.compiler).split())

    def build():
        builds.configure(where, options.compiler, builds.options(tests='enabled'),
                         ('--native-file', text))
        builds.build(where, builds.targets_of(where, ['async']), options.jobs)

    return run_tests.build_and_run(build, ['async'], where, options.timeout_multiplier)


if __name__ == '__main__':
    program(main)
