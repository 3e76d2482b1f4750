#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Where a script cannot write its output, in a read-only tree for example, a message says what to do."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools')
sys.path.insert(0, os.path.join(TOOLS, 'packaging'))
import make_dist  # noqa: E402
from console import BAD_USAGE, FAILED, Stop  # noqa: E402


class Outputs(unittest.TestCase):
    def test_of_the_wheel_and_the_site(self):
        for script in ('build_wheel.sh', 'docs.sh'):
            with self.subTest(script):
                done = subprocess.run([os.path.join(TOOLS, script), '--output', '/proc/x'], text=True,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
                self.assertNotIn('Traceback', done.stdout)
                self.assertEqual(done.returncode, BAD_USAGE, done.stdout)
                self.assertRegex(done.stdout, '/proc/x .*: name another folder with --output')

    def test_of_the_archive(self):
        with mock.patch.object(make_dist, 'archive', lambda _: b''), \
                mock.patch.object(make_dist.os, 'access', lambda *_: True), \
                self.assertRaises(Stop) as stop:
            make_dist.main(['--output', '/proc/x'])
        self.assertEqual(stop.exception.code, BAD_USAGE)
        self.assertRegex(str(stop.exception), '/proc/x .*: name another file with --output')


@unittest.skipUnless(shutil.which('git'), 'there is no git')
class Git(unittest.TestCase):
    def test_what_it_refuses_is_said_in_its_words(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(['git', 'init', '-q', folder], check=True)
            # With this git takes any tree for one of another owner; its own tests use it.
            with mock.patch.dict(os.environ, {'GIT_TEST_ASSUME_DIFFERENT_OWNER': '1'}), \
                    self.assertRaises(Stop) as stop:
                make_dist.files_of(folder)
        self.assertEqual(stop.exception.code, FAILED)
        self.assertIn('dubious ownership', str(stop.exception))


if __name__ == '__main__':
    unittest.main()
