# SPDX-License-Identifier: BSL-1.0
"""tools/packaging/test.sh: the packages of Debian, built from tools/packaging/debian and tried.

A source tree is made in a temporary folder: the files of make_dist.py, with `debian` in it. lintian judges
the packages. They are then installed, used and purged, and the files of the system compared.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from email.utils import formatdate

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../common'))
import installing  # noqa: E402
import make_dist  # noqa: E402
import packages  # noqa: E402
from console import FAILED, LACKING, ROOT, Stop, logged, program, say  # noqa: E402
from options import Parser, directory  # noqa: E402

DESCRIPTION = '''\
Builds libadmit0.N, libadmit-dev and admit-tools in a temporary folder, and runs
lintian on them. As root it also installs, uses and purges them, and compares
the files of the system before and after.'''
EXIT_CODES = '''\
Exit codes: 0 fine, 1 something failed, 2 bad usage, 3 something is missing that
cannot be installed from here.'''
TOOLS = ('admit-load', 'admit-crowd', 'admit-bench', 'admit-ircbot')
WATCHED = ('/etc', '/usr', '/var/lib')
# What dpkg and others write whenever a package comes or goes.
CHANGES_ANYWAY = ('/etc/ld.so.cache', '/usr/share/man/', '/usr/share/info/dir', '/var/lib/dpkg/',
                  '/var/lib/apt/', '/var/lib/man-db/', '/usr/lib/python3')


def soversion(version):
    major, minor, _ = version.split('.')
    return f'0.{minor}' if major == '0' else major


def assemble(work):
    """The source tree with `debian`, beside the archive that it is made of."""
    version = make_dist.version_of(ROOT)
    archive = os.path.join(work, f'admit_{version}.orig.tar.gz')
    with open(archive, 'wb') as file:
        file.write(make_dist.archive(ROOT, with_changes=True))
    with tarfile.open(archive) as tar:
        tar.extractall(work)
    tree = os.path.join(work, f'admit-{version}')
    debian = os.path.join(tree, 'debian')
    shutil.copytree(os.path.join(ROOT, 'tools/packaging/debian'), debian)
    values = {'@VERSION@': version, '@SOVERSION@': soversion(version),
              '@DATE@': formatdate(os.stat(os.path.join(tree, 'meson.build')).st_mtime)}
    for path in glob.glob(os.path.join(debian, '*.in')):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        for name, value in values.items():
            text = text.replace(name, value)
        os.remove(path)
        target = path.removesuffix('.in').replace('libadmit.', f'libadmit{soversion(version)}.')
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
    return tree


def build(tree, jobs):
    logged('building the packages', ['sh', '-c', f'cd {tree} && dpkg-buildpackage -us -uc -j{jobs}'])
    work = os.path.dirname(tree)
    [changes] = glob.glob(os.path.join(work, '*.changes'))
    return changes, sorted(glob.glob(os.path.join(work, '*[a-z0-9]_*.deb')))


def judge(changes):
    """lintian: no error, and no warning without an override that has its reason.

    It shows overridden tags as O:, and exits with 2 because of them, too.
    """
    done = subprocess.run(['lintian', '--allow-root', '--fail-on', 'error,warning',
                           '--show-overrides', changes], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    say(done.stdout)
    if done.returncode not in (0, 2) or re.search('^[EW]:', done.stdout, re.MULTILINE):
        raise Stop(FAILED, 'lintian found errors or warnings')


def files_now():
    found = set()
    for top in WATCHED:
        for folder, folders, names in os.walk(top):
            found.update(os.path.join(folder, name) for name in [*folders, *names])
    return {path for path in found
            if not path.startswith(CHANGES_ANYWAY) and '__pycache__' not in path}


def use(work):
    """What the packages are for: a program by pkg-config, the tools, their man pages."""
    source = os.path.join(ROOT, 'tests/packaging/consumer/async.cpp')
    target = os.path.join(work, 'consumer')
    logged('compiling a program', ['sh', '-c', f'g++ -std=c++20 {source} -o {target} '
                                   '$(pkg-config --cflags --libs admit)'])
    logged('the program', [target])
    for tool in TOOLS:
        logged(tool, [tool, '--version'])
        if not os.path.exists(f'/usr/share/man/man1/{tool}.1.gz'):
            raise Stop(FAILED, f'there is no man page of {tool}')
    logged('a crowd', ['admit-crowd', '--quick', '--quiet'])


def try_out(debs, work):
    before = files_now()
    names = [os.path.basename(deb).partition('_')[0] for deb in debs if 'dbgsym' not in deb]
    chosen = [deb for deb in debs if 'dbgsym' not in deb]
    try:
        logged('installing', ['dpkg', '-i', *chosen])
        if not any('/admit/engine.hpp' in path for path in files_now() - before):
            raise Stop(FAILED, 'nothing was installed')
        use(work)
    finally:
        logged('purging', ['dpkg', '--purge', *names])
    after = files_now()
    if before != after:
        raise Stop(FAILED, f'left behind: {sorted(after - before)}, gone: {sorted(before - after)}')


def main(arguments):
    parser = Parser('packaging/test.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--keep', metavar='DIR', type=directory, help='leave the packages there')
    parser.add_common()
    parser.offer_help()
    options = parser.read(arguments)
    installing.install(packages.DEBIAN, options.yes)
    with tempfile.TemporaryDirectory() as work:
        changes, debs = build(assemble(work), options.jobs)
        judge(changes)
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            for deb in debs:
                shutil.copy(deb, options.keep)
        if os.geteuid() != 0:
            raise Stop(LACKING, 'the packages were built; installing them needs root')
        try_out(debs, work)
    say('built, judged, installed, used and purged: ' + ', '.join(map(os.path.basename, debs)))
    return 0


if __name__ == '__main__':
    program(main)
