#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The example serves GET /metrics alone, as promtool likes it, and the page has each metric.

    exposition_test.py PROGRAM
"""

import re
import sys
import unittest

sys.dont_write_bytecode = True
import serving  # noqa: E402


class Exposition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.example = serving.Serving(PROGRAM)
        cls.addClassCleanup(cls.example.__exit__)

    def scrape(self):
        status, kind, text = self.example.ask('/metrics')
        self.assertEqual((status, kind), (200, 'text/plain'))
        return text

    def test_nothing_else_is_served(self):
        # The server takes a path that begins with /metrics for /metrics.
        for path in ('/', '/metric', '/x/metrics', '/../etc/passwd',
                     '/%2e%2e/etc/passwd', '/etc/passwd'):
            with self.subTest(path):
                self.assertEqual(self.example.ask(path)[0], 404)
        for method in ('POST', 'PUT', 'DELETE'):
            with self.subTest(method):
                self.assertNotEqual(self.example.ask('/metrics', method)[0], 200)

    def test_promtool_finds_no_fault(self):
        self.assertEqual(serving.promtool('check', 'metrics', given=self.scrape()), (0, ''))

    def test_promtool_would_find_a_fault(self):
        for wrong in ('# TYPE admit_active gauge\nadmit_active{engine="a"} x\n',
                      '# HELP admit_a x\n# TYPE admit_a counter\nadmit_a 1\n'):
            self.assertNotEqual(serving.promtool('check', 'metrics', given=wrong)[0], 0)

    def test_each_line_has_the_label_engine(self):
        # The rest is the server's own.
        lines = [line for line in self.scrape().splitlines() if line.startswith('admit_')]
        self.assertGreater(len(lines), 70)
        for line in lines:
            self.assertRegex(line, r'^\w+\{engine="bot"[,}]')

    def test_the_page_has_each_metric_with_its_type(self):
        listed = dict(re.findall(r'^\| `(admit_\w+)` \| (\w+) \|', serving.text_of(serving.PAGE), re.M))
        ours = {name: kind for name, kind in serving.families(self.scrape()).items()
                if name.startswith('admit_')}
        self.assertEqual(listed, ours)

    def test_label_values_are_those_of_the_enums(self):
        found = set(re.findall(r',(\w+)="([^"]+)"', re.sub(r',le=', ' ', self.scrape())))
        page = serving.text_of(serving.PAGE)
        for label, value in found - {('quantile', value) for _, value in found}:
            with self.subTest(label=label, value=value):
                self.assertIn(f'`{value}`', page)


if __name__ == '__main__':
    serving.skip_without('promtool')
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
