# SPDX-License-Identifier: BSL-1.0
"""tools/format.sh: formats the project's C++ with the one clang-format that is the measure here."""

import glob
import os
import subprocess

import packages
from console import ROOT, Stop, program, say
from options import Parser

SKIPPED = 77  # the test suite skips the check where this version is not to be had

DESCRIPTION = 'Formats every .cpp, .hpp, .c and .h under include, src, tests, tools and docs in place.'
EXIT_CODES = f'''\
Exit codes: 0 done or clean, 1 not formatted, 2 bad usage, {SKIPPED} no clang-format 14.'''


def main(arguments):
    parser = Parser('format.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--check', action='store_true',
                        help='change nothing; show what would change, and exit 1 if anything would')
    parser.offer_help()
    options = parser.read(arguments)
    tool = packages.clang_format()
    if tool is None:
        raise Stop(SKIPPED, 'clang-format 14 is not installed (package clang-format-14)')
    files = sorted(file for folder in ('include', 'src', 'tests', 'tools', 'docs') for kind in ('cpp', 'hpp', 'c', 'h')
                   for file in glob.glob(os.path.join(ROOT, folder, '**', f'*.{kind}'), recursive=True))
    how = ['--dry-run', '-Werror'] if options.check else ['-i']
    if subprocess.run([tool, *how, *files], check=False).returncode:
        say('tools/format.sh repairs this')
        return 1
    return 0


if __name__ == '__main__':
    program(main)
