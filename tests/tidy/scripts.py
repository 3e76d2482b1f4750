#!/usr/bin/env python3
"""The scripts are valid bash, explain themselves, and refuse what they do not know.

    scripts.py ROOT [SCRIPT=TOOL...]

A TOOL must have the options that tools/SCRIPT lists, which hands them on to it. `SCRIPT FORM` stands
for a form of the script that has options of its own and calls another tool.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

OPTION = re.compile(r'^\s+(?:-\w,\s*)?(--[a-z][a-z-]*)', re.M)
OF_THE_SCRIPT = {'--build-dir', '--jobs', '--yes', '--help', '--docs'}

failures = 0


def expect(what, right, detail=''):
    global failures
    if not right:
        failures += 1
        print(f'FAILED {what}\n{detail}')
    else:
        print(f'ok     {what}')


def run(*command, cwd=None):
    # With no input: a script that asks, or starts to install, would be seen.
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def check_syntax(root):
    scripts = sorted(glob.glob(f'{root}/tools/**/*.sh', recursive=True)) + [f'{root}/.ci/run']
    for script in scripts:
        name = os.path.relpath(script, root)
        done = run('bash', '-n', script)
        expect(f'bash -n {name}', done.returncode == 0, done.stderr)
        if shutil.which('shellcheck'):
            done = run('shellcheck', '-x', name, cwd=root)
            expect(f'shellcheck {name}', done.returncode == 0, done.stdout)


def check_usage(root):
    for script in sorted(glob.glob(f'{root}/tools/*.sh')):
        name = os.path.relpath(script, root)
        expect(f'{name} is executable', os.access(script, os.X_OK))
        done = run(script, '--help')
        expect(f'{name} --help', done.returncode == 0 and '--help' in done.stdout, done.stderr)
        done = run(script, '--bogus')
        expect(f'{name} --bogus', done.returncode == 2 and '--bogus' in done.stderr and
               not done.stdout, f'exit code {done.returncode}\n{done.stdout}{done.stderr}')


def check_options(root, script, tool):
    name, *form = script.split()
    listed = set(OPTION.findall(run(f'{root}/tools/{name}', *form, '--help').stdout))
    real = set(OPTION.findall(run(tool, '--help').stdout))
    expect(f'{script} lists the options of its tool',
           listed - OF_THE_SCRIPT == real - {'--help', '--version'},
           f'only the script: {sorted(listed - real - OF_THE_SCRIPT)}\n'
           f'only the tool: {sorted(real - listed - {"--version"})}')


if __name__ == '__main__':
    if len(sys.argv) < 2:
        print(__doc__)
        sys.exit(2)
    check_syntax(sys.argv[1])
    check_usage(sys.argv[1])
    for pair in sys.argv[2:]:
        check_options(sys.argv[1], *pair.split('=', 1))
    sys.exit(1 if failures else 0)
