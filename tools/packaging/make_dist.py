# SPDX-License-Identifier: BSL-1.0
"""tools/make_dist.sh: the source archive of this version, the same bytes each time.

The archive has the files of the last commit. In a tree without git, such as an unpacked archive, it has
all files but what a build or a tool has left: so an archive can make itself again.
"""

import gzip
import io
import os
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../common'))
from console import BAD_USAGE, FAILED, ROOT, Stop, program, say, writing_to  # noqa: E402
from options import Parser, new_file  # noqa: E402

LEFT_OVER = re.compile(r'(^|/)(__pycache__|\.git|\.cache|compile_commands\.json|core(\.[0-9]+)?)(/|$)'
                       r'|^build(-[^/]*)?/|^perf\.data|\.pyc$')  # as .gitignore
DESCRIPTION = '''\
Writes admit-VERSION.tar.gz with all sources. Two runs for one commit give the
same bytes, and so does a run in the unpacked archive, which has no git.'''
EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 bad usage, or changes that are not committed.'


def git(root, *words):
    """What git says. Its own refusals, such as a tree of another owner, are messages of the script."""
    try:
        done = subprocess.run(['git', '-C', root, *words], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as wrong:
        raise Stop(FAILED, f'git does not run: {wrong.strerror}') from wrong
    if done.returncode:
        raise Stop(FAILED, f'git {words[0]} failed: {done.stderr.strip()}')
    return done.stdout


def version_of(root):
    with open(os.path.join(root, 'meson.build'), encoding='utf-8') as file:
        return re.search(r"version : '([^']+)'", file.read()).group(1)


def files_of(root, with_changes=False):
    """(sorted names, time of the archive in seconds)."""
    if os.path.exists(os.path.join(root, '.git')) and not with_changes:
        if git(root, 'status', '--porcelain'):
            raise Stop(BAD_USAGE, 'there are changes that are not committed, and the archive would '
                       'lack them: commit them first')
        names = git(root, 'ls-files', '-z').split('\0')[:-1]
        return sorted(names), int(git(root, 'log', '-1', '--format=%ct'))
    names = [os.path.relpath(os.path.join(folder, name), root)
             for folder, _, files in os.walk(root) for name in files]
    when = int(os.stat(os.path.join(root, 'meson.build')).st_mtime)
    return sorted(name for name in names if not LEFT_OVER.search(name)), when


def archive(root, with_changes=False):
    """The bytes of the archive; with changes that are not committed, only for a test."""
    names, when = files_of(root, with_changes)
    when = int(os.environ.get('SOURCE_DATE_EPOCH', when))
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode='w', format=tarfile.GNU_FORMAT) as tar:
        for name in names:
            path = os.path.join(root, name)
            member = tar.gettarinfo(path, f'admit-{version_of(root)}/{name}')
            member.uid = member.gid = 0
            member.uname = member.gname = 'root'
            member.mtime = when
            member.mode = 0o755 if member.mode & 0o100 else 0o644
            with open(path, 'rb') as file:
                tar.addfile(member, file)
    return gzip.compress(plain.getvalue(), 9, mtime=0)


def main(arguments):
    parser = Parser('make_dist.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--output', metavar='FILE', type=new_file,
                        help='write there instead of to admit-VERSION.tar.gz in this folder')
    parser.offer_help()
    options = parser.read(arguments)
    target = options.output or os.path.abspath(f'admit-{version_of(ROOT)}.tar.gz')
    data = archive(ROOT)
    with writing_to(target, 'name another file with --output'), open(target, 'wb') as file:
        file.write(data)
    say(f'{target}: {len(data)} bytes')
    return 0


if __name__ == '__main__':
    program(main)
