#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The source archive: the same bytes from git, from git again, and from the unpacked archive."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/packaging'))
import make_dist  # noqa: E402

GIT = ('git', '-c', 'user.name=a', '-c', 'user.email=a@example.org')


def files_here():
    """The files of this tree, committed or not."""
    names = [os.path.relpath(os.path.join(folder, name), make_dist.ROOT)
             for folder, _, files in os.walk(make_dist.ROOT) for name in files]
    return [name for name in names if not make_dist.LEFT_OVER.search(name)]


@unittest.skipUnless(shutil.which('git'), 'there is no git')
class Archive(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.tree = os.path.join(self.folder, 'tree')
        for name in files_here():
            os.makedirs(os.path.dirname(os.path.join(self.tree, name)), exist_ok=True)
            shutil.copy(os.path.join(make_dist.ROOT, name), os.path.join(self.tree, name))
        for words in (['init', '-q'], ['add', '-A'], ['commit', '-q', '-m', 'a']):
            subprocess.run([*GIT, *words], cwd=self.tree, check=True)

    def make(self, tree, name):
        target = os.path.join(self.folder, name)
        subprocess.run([os.path.join(tree, 'tools/make_dist.sh'), '--output', target], check=True)
        with open(target, 'rb') as file:
            return file.read()

    def test_the_same_bytes_from_git_and_from_the_archive(self):
        first = self.make(self.tree, 'a.tar.gz')
        os.utime(os.path.join(self.tree, 'README.md'), (1, 1))
        os.makedirs(os.path.join(self.tree, 'build/x'))  # ignored
        self.assertEqual(self.make(self.tree, 'b.tar.gz'), first)
        with tarfile.open(os.path.join(self.folder, 'a.tar.gz')) as tar:
            tar.extractall(self.folder)
        unpacked = os.path.join(self.folder, f'admit-{make_dist.version_of(self.tree)}')
        self.assertEqual(self.make(unpacked, 'c.tar.gz'), first)
        subprocess.run(['meson', 'setup', os.path.join(unpacked, 'build'), unpacked,
                        '-Dtests=disabled', '-Dtools=disabled'], check=True,
                       stdout=subprocess.DEVNULL)
        self.assertEqual(self.make(unpacked, 'd.tar.gz'), first)

    def test_changes_that_are_not_committed_are_refused(self):
        with open(os.path.join(self.tree, 'README.md'), 'a', encoding='utf-8') as file:
            file.write('more\n')
        done = subprocess.run([os.path.join(self.tree, 'tools/make_dist.sh')], cwd=self.folder,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn('not committed', done.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
