#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""admit-load serves the figures of its run when it is asked to, and only then.

    load_tool_test.py TOOL EXAMPLE
"""

import re
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
import serving  # noqa: E402

RUN = ('--scenario', 'sustained_load_5_minutes', '--threads', '1', '--duration', '60')
ADDRESS = '127.0.0.1:0'  # a free port


class LoadTool(unittest.TestCase):
    def start(self, *arguments):
        process = subprocess.Popen([TOOL, *RUN, *arguments], text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.communicate()

    @staticmethod
    def admitted(url):
        found = re.search(r'^admit_admitted_total\{engine="load"\} (\d+)$', serving.ask(url)[2], re.M)
        return int(found.group(1)) if found else 0

    def test_the_figures_of_the_run_move(self):
        process = self.start('--metrics', ADDRESS)
        url = re.fullmatch(r'admit-load: metrics at (http://127\.0\.0\.1:\d+/metrics)\n',
                           process.stderr.readline()).group(1)
        last = time.monotonic() + serving.PATIENCE
        seen = 0
        for _ in range(2):
            before = seen
            while (seen := self.admitted(url)) <= before:  # until users have come
                self.assertLess(time.monotonic(), last)
        families = serving.families(serving.ask(url)[2])
        self.assertEqual(families['admit_duration_seconds'], 'histogram')
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=serving.PATIENCE)
        self.assertEqual(process.returncode, 130)

    def test_each_run_shows_its_own_engine(self):
        done = subprocess.run([TOOL, '--quick', '--scenario', 'burst_load_pattern', '--metrics', ADDRESS],
                              check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_without_the_option_nothing_listens(self):
        process = self.start()
        # The first line of a table comes at the end: the process is asked while it runs.
        last = time.monotonic() + 2
        while time.monotonic() < last:
            self.assertIsNone(process.poll())
            self.assertIsNone(serving.port_of(process.pid))

    def test_an_address_that_is_taken_is_an_error(self):
        with serving.Serving(EXAMPLE) as taken:
            done = subprocess.run([TOOL, *RUN, '--metrics', taken.address], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stdout), (3, ''))
        self.assertEqual(done.stderr, f'admit-load: --metrics {taken.address}: cannot listen there\n')


if __name__ == '__main__':
    TOOL, EXAMPLE = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main(verbosity=2)
