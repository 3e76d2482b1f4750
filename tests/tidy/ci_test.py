#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The stages of .ci/run: their time, what is skipped, and that the total is true."""

import contextlib
import io
import os
import re
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../tools/common'))
import ci  # noqa: E402
import platforms  # noqa: E402
import run_tests  # noqa: E402
import targets  # noqa: E402


def stage(name, share, optional=False):
    return ci.Stage(name, share, ('tools/run_tests.sh', name), optional)


class Machine:
    """A clock, and a runner whose stages take as long, and say, what is written here."""

    def __init__(self, **stages):
        self.stages = stages  # name: (seconds, exit code, lines)
        self.now = 1000.0
        self.limits = {}

    def clock(self):
        return self.now

    def runner(self, of, limit):
        self.limits[of.name] = limit
        seconds, status, *lines = self.stages[of.name]
        self.now += min(seconds, limit)
        return ci.Ended(-15 if seconds > limit else status, lines, stopped=seconds > limit)

    def run(self, stages, budget):
        """(exit code, lines of the report)."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            results = ci.run_stages(stages, budget, clock=self.clock, runner=self.runner)
            code = ci.report(results, self.now - 1000)
        return code, said.getvalue().splitlines()


class Stages(unittest.TestCase):
    def test_the_total_is_the_sum_and_the_last_line(self):
        code, lines = Machine(a=(10, 0, 'noise', '3 passed, 0 failed'),
                              b=(10, 0, '1 passed, 0 failed', '40 passed, 0 failed')).run(
            [stage('a', 50), stage('b', 50)], 100)
        self.assertEqual((code, lines[-1]), (0, '43 passed, 0 failed'))
        self.assertEqual(lines[-2], '20 s in all')

    def test_what_failed_is_counted_and_repeated(self):
        code, lines = Machine(
            a=(10, 1, ' 3/22 admit:unit / limits   FAIL   0.1s', '3 passed, 2 failed'),
            b=(10, 0, '5 passed, 0 failed')).run([stage('a', 50), stage('b', 50)], 100)
        self.assertEqual((code, lines[-1]), (1, '8 passed, 2 failed'))
        self.assertIn('a: 3/22 admit:unit / limits   FAIL   0.1s', lines)

    def test_what_a_failed_check_says_below_its_line_is_repeated(self):
        _, lines = Machine(a=(10, 1, 'x.cpp:49: ERROR: CHECK( a == b )', '  values: CHECK( 1 == 2 )',
                              '  logged: name := fair', '', '  other', '3 passed, 2 failed')).run([stage('a', 50)], 100)
        self.assertIn('a: values: CHECK( 1 == 2 )', lines)
        self.assertIn('a: logged: name := fair', lines)
        self.assertNotIn('a: other', lines)

    def test_a_failure_that_the_counts_do_not_show_is_one(self):
        for ended in ((10, 1, '3 passed, 0 failed'), (10, 3, '3 passed, 0 failed', 'error: x')):
            code, lines = Machine(a=ended).run([stage('a', 50)], 100)
            self.assertEqual((code, lines[-1]), (1, '3 passed, 1 failed'))

    def test_a_stage_of_tests_without_counts_failed(self):
        for status in (0, 1, 3):
            code, lines = Machine(a=(10, status, 'error: x')).run([stage('a', 50)], 100)
            self.assertEqual((code, lines[-1]), (1, '0 passed, 1 failed'))

    def test_another_command_counts_as_one(self):
        soak = ci.Stage('soak', 50, ('tools/soak.sh', '10'))
        for status, total in ((0, '1 passed, 0 failed'), (1, '0 passed, 1 failed')):
            code, lines = Machine(soak=(10, status)).run([soak], 100)
            self.assertEqual((code, lines[-1]), (status, total))

    def test_a_required_stage_that_is_skipped_failed(self):
        machine = Machine(a=(60, 0, '3 passed, 0 failed'), c=(1, 0, '4 passed, 0 failed'))
        code, lines = machine.run([stage('a', 60), stage('b', 50), stage('c', 40)], 100)
        self.assertEqual(list(machine.limits), ['a', 'c'])
        self.assertEqual((code, lines[-1]), (1, '7 passed, 1 failed'))
        self.assertTrue(any(line.startswith('b ') and 'SKIPPED' in line for line in lines))

    def test_an_optional_stage_that_is_skipped_is_named_but_did_not_fail(self):
        code, lines = Machine(a=(60, 0, '3 passed, 0 failed')).run(
            [stage('a', 60), stage('b', 50, optional=True)], 100)
        self.assertEqual((code, lines[-1]), (0, '3 passed, 0 failed'))
        self.assertTrue(any(line.startswith('b ') and 'SKIPPED' in line for line in lines))

    def test_nothing_that_passed_is_no_success(self):
        self.assertEqual(Machine(a=(1, 0, '0 passed, 0 failed')).run([stage('a', 50)], 100)[0], 1)

    def test_a_stage_may_use_what_earlier_ones_left_but_no_share_of_a_later_one(self):
        passed = (10, 0, '1 passed, 0 failed')
        machine = Machine(a=passed, b=passed, c=passed)
        machine.run([stage('a', 30), stage('b', 30), stage('c', 20), stage('d', 90, optional=True)],
                    100)
        self.assertEqual(machine.limits, {'a': 50, 'b': 70, 'c': 80})

    def test_a_stage_that_takes_too_long_is_stopped_and_failed(self):
        machine = Machine(a=(500, 0, '3 passed, 0 failed'), b=(1, 0, '2 passed, 0 failed'))
        code, lines = machine.run([stage('a', 60), stage('b', 40)], 100)
        self.assertEqual((code, lines[-1]), (1, '5 passed, 1 failed'))
        self.assertTrue(any(line.startswith('a ') and 'stopped after 60 s' in line for line in lines))

    def test_the_first_stage_always_runs_and_the_others_only_with_their_share_left(self):
        machine = Machine(a=(5, 0, '3 passed, 0 failed'))
        code, lines = machine.run([stage('a', 60), stage('b', 40)], 10)
        self.assertEqual((code, lines[-1]), (1, '3 passed, 1 failed'))
        self.assertEqual(machine.limits, {'a': 60})


class TheRealOnes(unittest.TestCase):
    def test_all_required_stages_fit_into_the_budget(self):
        self.assertLessEqual(sum(s.share for s in ci.STAGES if not s.optional), ci.BUDGET)
        self.assertLessEqual(ci.BUDGET, 5250)

    def test_every_suite_has_a_stage_and_stages_have_one_name_each(self):
        words = {word for s in ci.STAGES for word in s.command}
        self.assertLessEqual({*run_tests.OTHER_SUITES, 'address,undefined', 'thread'}, words)
        self.assertEqual(ci.STAGES[0].command, ci.tests())  # those of the engine
        names = [s.name for s in ci.STAGES + ci.LONG_STAGES]
        self.assertEqual(len(names), len(set(names)))

    @staticmethod
    def with_words(*words):
        """The stages whose command has all these words."""
        return [s for s in ci.STAGES + ci.LONG_STAGES if {*words} <= {*s.command}]

    def test_a_required_stage_is_for_other_processors(self):
        [stage_of_them] = self.with_words('tools/platforms.sh', 'armhf', 's390x', 'aarch64')
        self.assertFalse(stage_of_them.optional)
        self.assertIn(stage_of_them, ci.STAGES)
        self.assertIn(targets.UNIT, targets.named('aarch64').tests)

    def test_each_target_that_is_not_for_full_has_one_stage(self):
        for name in platforms.CHEAP:
            self.assertEqual(len(self.with_words('tools/platforms.sh', name)), 1, name)

    def test_packaging_and_python_have_a_stage_each_and_packaging_ends_in_8_minutes(self):
        packaging, full = self.with_words('packaging')
        [python] = self.with_words('python')
        self.assertNotEqual(packaging, python)
        self.assertFalse(packaging.optional or python.optional)
        self.assertLessEqual(packaging.share, 480)
        with open(os.path.join(HERE, '../packaging/meson.build'), encoding='utf-8') as file:
            [limit] = re.findall(r"debian_test\.py'\),\n.*timeout : (\d+)", file.read())
        self.assertGreater(full.share, int(limit) + packaging.share)

    def test_commands_are_run_and_stopped_in_time(self):
        with contextlib.redirect_stdout(io.StringIO()):
            ended = ci.run_command(ci.Stage('a', 1, ('sh', '-c', 'echo $X; echo b >&2; exit 3'),
                                            environment={'X': 'a'}), 60)
            self.assertEqual(ended, ci.Ended(3, ['a', 'b']))
            started = time.monotonic()
            ended = ci.run_command(ci.Stage('b', 1, ('sleep', '300')), .2)
        self.assertTrue(ended.stopped)
        self.assertNotEqual(ended.status, 0)
        self.assertLess(time.monotonic() - started, 200)


if __name__ == '__main__':
    unittest.main()
