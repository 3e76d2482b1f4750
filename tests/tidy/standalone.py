#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Each header compiles as the first and only thing that a file includes.

    standalone.py ROOT HEADER... -- COMPILER ARGUMENT...

A HEADER is a path below ROOT, or a folder whose headers are all meant. It is
included twice, by the name that others use for it, with warnings as errors.
"""

import os
import shlex
import subprocess
import sys

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wsign-conversion', '-Wshadow',
            '-Wold-style-cast', '-Wundef', '-Werror']


def expand(root, names):
    for name in names:
        if os.path.isdir(os.path.join(root, name)):
            for folder, _, files in sorted(os.walk(os.path.join(root, name))):
                for file in sorted(files):
                    if file.endswith('.hpp'):
                        yield os.path.relpath(os.path.join(folder, file), root)
        else:
            yield name


def compiles(root, header, command):
    top, name = header.split(os.sep, 1)
    line = f'#include <{name}>\n' if top == 'include' else f'#include "{name}"\n'
    done = subprocess.run(
        [*command, '-std=c++20', *WARNINGS, '-I', os.path.join(root, 'include'),
         '-I', os.path.join(root, 'src'), '-fsyntax-only', '-x', 'c++', '-'],
        input=line * 2, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print('ok    ' if done.returncode == 0 else 'FAILED', header)
    print(done.stdout, end='', flush=True)
    return done.returncode == 0


def main(root, *rest):
    split = rest.index('--')
    command = list(rest[split + 1:])
    if os.environ.get('BOOST_ROOT'):
        command += ['-isystem', os.path.join(os.environ['BOOST_ROOT'], 'include')]
    headers = list(expand(root, rest[:split]))
    print('+', shlex.join(command))
    results = [compiles(root, header, command) for header in headers]
    return 0 if results and all(results) else 1


if __name__ == '__main__':
    if len(sys.argv) < 5 or '--' not in sys.argv:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
