#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tests of tools/profile/profile.py.

    profile_test.py [BENCH]     BENCH is the path of an admit-bench that can be profiled
"""

import glob
import os
import re
import shutil
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools',
                                'profile'))
import profile  # noqa: E402

BENCH = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else None
HAS_GPERFTOOLS = bool(shutil.which('google-pprof') and glob.glob('/usr/lib/*/libprofiler.so.0'))
PERF_PROBLEM = profile.perf_problem()


class Text(unittest.TestCase):
    def test_addresses_of_google_pprof_are_removed(self):
        self.assertEqual(
            profile.without_addresses('main<00000000000010e0>;a<b>(c);d()[inline] 3\n'),
            'main;a<b>(c);d() 3\n')

    def test_a_table_is_cut_after_the_hottest_functions(self):
        table = '\n' + ''.join(f'function{i}  \n\n' for i in range(100))
        lines = profile.first_lines(table).splitlines()
        self.assertEqual(lines, [f'function{i}' for i in range(profile.MAX_FUNCTIONS)])

    def test_a_failed_command_is_reported_with_its_output(self):
        with self.assertRaisesRegex(profile.Failed, 'because'):
            profile.run('sh', '-c', 'echo because >&2; exit 3')


@unittest.skipUnless(os.path.exists(profile.FLAMEGRAPH), 'flamegraph.pl is not installed')
class FlameGraph(unittest.TestCase):
    def test_the_picture_is_valid_and_contains_each_frame(self):
        picture = profile.flame_graph('main;a<b> 3\nmain;c & d 1\n', 'the title')
        titles = [node.text for node in xml.etree.ElementTree.fromstring(picture).iter()
                  if node.tag.endswith('title')]
        # flamegraph.pl writes < and > as parentheses.
        self.assertEqual(sorted(titles), ['a(b) (3 samples, 75.00%)', 'all (4 samples, 100%)',
                                          'c & d (1 samples, 25.00%)', 'main (4 samples, 100.00%)'])
        self.assertIn('the title', picture)


@unittest.skipUnless(BENCH, 'no release build of admit-bench to profile')
class Profilers(unittest.TestCase):
    def check(self, take_profile, stack):
        subject = profile.Subject(os.path.dirname(os.path.dirname(os.path.dirname(BENCH))),
                                  'string/admit/1')
        with tempfile.TemporaryDirectory() as out:
            folded, table = take_profile(subject, 5_000_000, out)
        self.assertTrue(re.search(stack, folded, re.M), f'no stack matches {stack}')
        self.assertIn('try_admit', table)

    @unittest.skipUnless(HAS_GPERFTOOLS, 'gperftools is not installed')
    def test_gperftools_finds_the_function_that_is_measured(self):
        self.check(profile.profile_by_gperftools, r'admit::bench::loop.*;.*try_admit.* \d+$')

    @unittest.skipIf(PERF_PROBLEM, PERF_PROBLEM)
    def test_perf_finds_the_function_that_is_measured(self):
        # A build for tests has no frame pointers, so perf cannot see the callers.
        self.check(profile.profile_by_perf, r'^admit-bench;.*try_admit \d+$')


if __name__ == '__main__':
    unittest.main()
