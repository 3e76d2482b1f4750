# SPDX-License-Identifier: BSL-1.0
"""tools/soak.sh: everything at once, for as long as asked."""

import os

import builds
import installing
import packages
from console import become, program
from options import Parser, whole_number

DESCRIPTION = '''\
Runs mixed load with waiters, cancellations, random changes of the limits,
expiries, threads that come and go and allocations that fail, in rounds of two
seconds. Between rounds all has to add up, and memory has to stay as it is. The
last line tells the rounds, the conversations and the mistakes.'''
EXIT_CODES = '''\
Exit codes: 0 no mistake, 1 a mistake or the build failed, 2 bad usage, 3
something is missing that cannot be installed from here.'''


def make_parser():
    parser = Parser('soak.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('minutes', metavar='MINUTES', type=whole_number(1, 99999),
                        help='how long, 1 to 99999')
    parser.add_sanitize()
    parser.add_compiler(default='g++', help='instead of g++')
    parser.add_common()
    parser.offer_help()
    return parser


def main(arguments):
    options = make_parser().read(arguments)
    installing.install(packages.for_tests(options.compiler), options.yes)
    directory = builds.default_directory(options.compiler, options.sanitize)
    builds.configure(directory, options.compiler, builds.options(options.sanitize, tests='enabled'))
    target = 'tests/soak/soak'
    builds.build(directory, [target], options.jobs)
    os.environ['TSAN_OPTIONS'] = 'halt_on_error=1:second_deadlock_stack=1'
    return become([*builds.launcher(options.sanitize), os.path.join(directory, target),
                   str(options.minutes * 60)])


if __name__ == '__main__':
    program(main)
