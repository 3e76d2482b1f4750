#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The site of the documentation builds without a warning, and its build sees each kind of fault.

    docs.py ROOT FOLDER

The site is built in FOLDER from ROOT, then from copies of ROOT with a fault planted in each.
Without the packages that tools/docs.sh installs this is skipped (77).
"""

import os
import shutil
import subprocess
import sys
import tempfile

PLANTED_IN = ('README.md', 'docs', 'include')

failures = 0


def expect(what, right, detail=''):
    global failures
    failures += not right
    print(f'ok     {what}' if right else f'FAILED {what}\n{detail}', flush=True)


def run(root, *arguments):
    return subprocess.run([sys.executable, f'{root}/tools/docs/build.py', *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def copy_of(root, folder):
    for name in os.listdir(root):
        source, target = os.path.join(root, name), os.path.join(folder, name)
        if name.startswith(('build', '.')):
            continue
        if name not in PLANTED_IN:
            os.symlink(source, target)
        elif os.path.isdir(source):
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return folder


def add(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'a', encoding='utf-8') as file:
        file.write(text)


def check_planted(root, what, file, text, complaint):
    """With `text` at the end of `file` the build says `complaint`, or is fine if that is None."""
    with tempfile.TemporaryDirectory() as folder:
        add(os.path.join(copy_of(root, folder), file), text)
        done = run(folder, '--output', f'{folder}/build-docs')
        expect(what, done.returncode == 0 if complaint is None else
               done.returncode == 1 and complaint in done.stdout,
               f'exit code {done.returncode}, expected: {complaint}\n{done.stdout}')


def check_claim(root):
    with tempfile.TemporaryDirectory() as folder:
        add(f'{folder}/site/mine.txt', 'x\n')
        done = run(root, '--output', folder)
        expect('a folder of something else is left alone',
               done.returncode == 1 and os.path.exists(f'{folder}/site/mine.txt'), done.stdout)


def main(root, folder):
    root = os.path.abspath(root)
    needed = run(root, '--missing').stdout.split()
    if needed:
        print('not installed:', *needed)
        return 77
    done = run(root, '--output', os.path.join(folder, 'docs-site'))
    expect('the site builds', done.returncode == 0, done.stdout)
    for name in ('index.html', 'reference/index.html', 'reference/group__async.html'):
        expect(f'the site has {name}', os.path.exists(f'{folder}/docs-site/site/{name}'))
    check_claim(root)
    check_planted(root, 'a new page in a new folder has a place', 'docs/new/page.md',
                  '# New\n\n[up](../../README.md), [code](../../include/admit/engine.hpp),'
                  ' [text](../../LICENSE), [folder](../new), [text](../../src)\n', None)
    check_planted(root, 'a link to no page is seen', 'docs/new.md', '# N\n\n[x](gone.png)\n', 'gone.png')
    check_planted(root, 'a link to no heading is seen', 'docs/new.md',
                  '# N\n\n[x](design.md#no-such-place)\n', 'names a place')
    check_planted(root, 'a picture from outside is seen', 'docs/new.md',
                  '# N\n\n![x](https://example.org/x.png)\n', 'from outside')
    check_planted(root, 'an undocumented function is seen', 'include/admit/limits.hpp',
                  'namespace admit {\nint undocumented(int x);\n}\n', 'undocumented')
    check_planted(root, 'an undocumented parameter is seen', 'include/admit/limits.hpp',
                  'namespace admit {\n/// Brief.\n/// @return A number.\nint f(int odd);\n}\n',
                  'parameters of member admit::f')
    return 1 if failures else 0


if __name__ == '__main__':
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
