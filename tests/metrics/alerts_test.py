#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The alerts of docs/monitoring pass promtool's tests of rules, and each can fail them."""

import os
import re
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import serving  # noqa: E402

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'alerts_test.yml')
ALERT = re.compile(r'^ *- alert: (\w+)\n(?:(?! *- alert:).*\n)*', re.M)


class Alerts(unittest.TestCase):
    def judge(self, rules):
        """What promtool says of the tests with these rules."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(TESTS, folder)
            with open(os.path.join(folder, 'alerts.yml'), 'w', encoding='utf-8') as file:
                file.write(rules)
            return serving.promtool('test', 'rules', os.path.basename(TESTS), folder=folder)

    def test_the_rules_are_valid(self):
        code, said = serving.promtool('check', 'rules', serving.ALERTS)
        self.assertEqual(code, 0, said)
        self.assertIn(f'{len(serving.alerts())} rules found', said)

    def test_each_fires_on_what_it_is_for(self):
        code, said = self.judge(serving.text_of(serving.ALERTS))
        self.assertEqual(code, 0, said)

    def planted(self, change):
        """Each alert, with the rules in which that one is changed."""
        rules = serving.text_of(serving.ALERTS)
        for match in ALERT.finditer(rules):
            changed = change(match.group(0))
            if changed != match.group(0):
                yield match.group(1), rules[:match.start()] + changed + rules[match.end():]

    def check_that_each_is_seen(self, change, alerts):
        seen = []
        for name, rules in self.planted(change):
            with self.subTest(name):
                seen.append(name)
                code, said = self.judge(rules)
                self.assertNotEqual(code, 0, 'the fault is not seen')
                self.assertIn(name, said)
        self.assertEqual(seen, alerts)

    def test_an_alert_that_never_fires_is_seen(self):
        self.check_that_each_is_seen(
            lambda alert: re.sub(r'expr: \|\n', 'expr: |\n          1 > 2 and on() ', alert), serving.alerts())

    def test_an_alert_that_fires_below_its_threshold_is_seen(self):
        lower = {'>= 0.9': '>= 0.85', '> 0.05': '> 0.02', '> 30': '>= 30', '> 60': '>= 60',
                 '[15m]) > 0': '[15m]) >= 0'}

        def change(alert):
            for text, other in lower.items():
                alert = alert.replace(f'{text}\n', f'{other}\n')
            return alert
        self.check_that_each_is_seen(change, serving.alerts())

    def test_an_alert_that_does_not_wait_is_seen(self):
        with_for = [name for name in serving.alerts() if name != 'AdmitOverstaying']
        self.check_that_each_is_seen(lambda alert: re.sub(r' *for: .*\n', '', alert), with_for)

    def test_the_page_has_each_alert(self):
        listed = re.findall(r'^\| `(Admit\w+)` \|', serving.text_of(serving.PAGE), re.M)
        self.assertEqual(listed, serving.alerts())


if __name__ == '__main__':
    serving.skip_without('promtool')
    unittest.main(verbosity=2)
