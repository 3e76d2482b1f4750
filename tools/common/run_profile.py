# SPDX-License-Identifier: BSL-1.0
"""tools/profile.sh: builds with frame pointers, and has tools/profile/profile.py profile one name."""

import os
import re
import subprocess
import sys

import builds
import installing
import packages
from console import ROOT, become, program
from options import Parser, directory, one_of, whole_number

LOAD, BENCH = 'tools/load/admit-load', 'tools/bench/admit-bench'

DESCRIPTION = '''\
Builds with frame pointers, in a build directory of its own, and profiles NAME:
a scenario of admit-load (--list names them) or a single figure of admit-bench,
such as string/admit/1. The profiler is perf where the kernel allows it,
otherwise gperftools.

Leaves in a folder: flame.html, a flame graph for a browser; stacks.txt, the
stacks that it is made of; hottest.txt, the functions in which the time goes;
counters.txt, instructions, branches and cache misses for each operation. The
last two are printed as well.'''
EXIT_CODES = '''\
Exit codes: 0 done, 1 the build or the run failed, 2 bad usage, 3 something is
missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('profile.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('name', metavar='NAME', nargs='?', help='what to profile')
    parser.add_argument('--operations', metavar='N', type=whole_number(1, 10**12 - 1),
                        help='how many operations each thread does (figures only)')
    parser.add_argument('--with', metavar='TOOL', dest='profiler', type=one_of('perf', 'gperftools'),
                        help='perf or gperftools, instead of the choice above')
    parser.add_argument('--out', metavar='DIR', type=directory,
                        help='instead of build-profile/profiles/NAME')
    parser.add_argument('--list', action='store_true', help='name what can be profiled, and stop')
    parser.add_common(build_dir='build-profile')
    parser.offer_help()
    return parser


def names(build):
    """The scenarios of admit-load, and the figures of admit-bench."""
    said = [subprocess.run([os.path.join(build, tool), '--list'], check=True, text=True,
                           stdout=subprocess.PIPE).stdout for tool in (LOAD, BENCH)]
    return [line.split()[0] for line in said[0].splitlines() if line.strip()] + \
        re.findall(r'^ *(\S*/[a-z]*/[0-9]+)', said[1], re.M)


def main(arguments):
    parser = make_parser()
    options = parser.read(arguments)
    if not options.name and not options.list:
        parser.error('a NAME is needed; --list shows them')
    installing.install([*packages.for_build('g++'), *packages.TOOLS, *packages.PROFILE], options.yes)
    build = options.build_dir or os.path.join(ROOT, 'build-profile')
    builds.configure(build, 'g++', builds.options(tools='enabled', debug='true',
                                                  cpp_args='-fno-omit-frame-pointer'))
    builds.build(build, [BENCH, LOAD], options.jobs)
    known = names(build)
    if options.list:
        print('\n'.join(known))
        return 0
    if options.name not in known:
        parser.error(f'{options.name}: no scenario and no figure is called so; --list shows them')
    out = options.out or os.path.join(build, 'profiles', re.sub(r'[/:]', '-', options.name))
    command = [sys.executable, '-B', os.path.join(ROOT, 'tools/profile/profile.py'),
               '--build-dir', build, '--out', out]
    if options.operations:
        command += ['--operations', str(options.operations)]
    if options.profiler:
        command += ['--with', options.profiler]
    return become([*command, options.name])


if __name__ == '__main__':
    program(main)
