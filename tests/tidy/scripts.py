#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The scripts are valid bash of less than fifty lines, explain themselves, and refuse typos.

    scripts.py ROOT
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

LONGEST = 50  # lines of a bash script, at least so many are too long
# They hand on what they do not know to a tool, which judges it; scripts_test.py has their tests.
HAND_ON = ('run_load_tests.sh', 'bench.sh')

failures = 0


def expect(what, right, detail=''):
    global failures
    if not right:
        failures += 1
        print(f'FAILED {what}\n{detail}')
    else:
        print(f'ok     {what}')


def run(*command, cwd=None, env=None):
    # With no input: a script that asks, or starts to install, would be seen.
    return subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def check_syntax(root):
    scripts = sorted(glob.glob(f'{root}/tools/**/*.sh', recursive=True)) + [f'{root}/.ci/run']
    for script in scripts:
        name = os.path.relpath(script, root)
        done = run('bash', '-n', script)
        expect(f'bash -n {name}', done.returncode == 0, done.stderr)
        with open(script, encoding='utf-8') as file:
            expect(f'{name} is short', len(file.readlines()) < LONGEST)
        if shutil.which('shellcheck'):
            done = run('shellcheck', '-x', name, cwd=root)
            expect(f'shellcheck {name}', done.returncode == 0, done.stdout)


def check_usage(root):
    for script in [*sorted(glob.glob(f'{root}/tools/*.sh')), f'{root}/.ci/run']:
        name = os.path.relpath(script, root)
        expect(f'{name} is executable', os.access(script, os.X_OK))
        if os.path.basename(script) in HAND_ON:
            check_refusal(script, name, '--jobs', '0')
            continue
        done = run(script, '--help')
        expect(f'{name} --help', done.returncode == 0 and '--help' in done.stdout, done.stderr)
        check_refusal(script, name, '--bogus')


APT_GET = """#!/bin/sh
echo "$@" >> "$0.log"
[ "$1" != install ] || ln -s {python} "$(dirname "$0")/python3"
"""


def check_python_is_installed(root):
    """On a machine without python3, with an apt-get and a sudo that only pretend."""
    with tempfile.TemporaryDirectory() as machine:
        for name in ('bash', 'dirname', 'env', 'ln', 'sh'):
            os.symlink(shutil.which(name), os.path.join(machine, name))
        for name, text in (('apt-get', APT_GET.format(python=sys.executable)),
                           ('sudo', '#!/bin/sh\nexec "$@"\n')):
            path = os.path.join(machine, name)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
            os.chmod(path, 0o755)
        script = f'{root}/tools/format.sh'
        for wanted in ('install -y --no-install-recommends python3', ''):
            log = os.path.join(machine, 'apt-get.log')
            done = run(os.path.join(machine, 'bash'), script, '--help', env={'PATH': machine})
            asked = ''
            if os.path.exists(log):
                with open(log, encoding='utf-8') as file:
                    asked = file.read().strip()
                os.remove(log)
            expect(f'without python3 apt-get is asked for "{wanted}"',
                   done.returncode == 0 and '--check' in done.stdout and asked == wanted,
                   f'{asked}\n{done.stdout}{done.stderr}')
        os.remove(os.path.join(machine, 'python3'))
        os.remove(os.path.join(machine, 'apt-get'))
        done = run(os.path.join(machine, 'bash'), script, '--help', env={'PATH': machine})
        expect('without python3 and apt-get the script says so',
               done.returncode == 3 and 'python3' in done.stderr and not done.stdout, done.stderr)


def check_refusal(script, name, *typed):
    done = run(script, *typed)
    expect(f'{name} {" ".join(typed)}', done.returncode == 2 and typed[0] in done.stderr and
           not done.stdout, f'exit code {done.returncode}\n{done.stdout}{done.stderr}')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    check_syntax(sys.argv[1])
    check_usage(sys.argv[1])
    check_python_is_installed(os.path.abspath(sys.argv[1]))
    sys.exit(1 if failures else 0)
