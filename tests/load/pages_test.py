#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tests of the page of admit-load in a browser, with chart.js and without.

    pages_test.py TOOL     TOOL is the path of admit-load
"""

import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import pages  # noqa: E402

TOOL = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else None
SCRIPTS = [os.path.join(pages.ROOT, 'tools/load/report/page', name + '.js')
           for name in ('run_plots', 'run', 'search', 'load')]
FILE = '''duration_s = 0.5
thresholds = ["rejected_percent < 20", "response_p99_ms < 1000"]
[limits]
max_concurrent = 2
[arrival]
model = "open"
rate_per_s = 100
late_ms = 60000
[[users]]
name = {name}
count = 50
step_ms = 10
[[users]]
step_ms = 1
name = "__proto__"
'''


def recorded(*command, name='user'):
    """The JSON that a command of the tool writes about a file."""
    with tempfile.TemporaryDirectory() as folder:
        file, report = os.path.join(folder, 'my_<b>bot.toml'), os.path.join(folder, 'r.json')
        with open(file, 'w', encoding='utf-8') as out:
            out.write(FILE.format(name=json.dumps(name)))
        subprocess.run([TOOL, command[0], file, *command[1:], '--threads', '1', '--quiet', '--json', report],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        with open(report, encoding='utf-8') as made:
            return json.load(made)


class Parts(unittest.TestCase):
    def test_all_scripts_are_in_the_page(self):
        self.assertEqual(sorted(SCRIPTS), sorted(glob.glob(os.path.join(os.path.dirname(SCRIPTS[0]), '*.js'))))

    def test_neither_page_asks_for_anything(self):
        for chart in pages.CHARTS:
            pages.asks_for_nothing(self, pages.page.page({}, SCRIPTS, chart))


@unittest.skipUnless(TOOL and pages.CHROMIUM, 'chromium is not installed')
class InABrowser(unittest.TestCase):
    def shown(self, value, chart, width=1280):
        shown = pages.rendered(pages.page.page(value, SCRIPTS, chart), width=width)
        self.assertNotIn('<img', shown)
        self.assertNotIn('<b>', shown.replace('<b>', '', shown.count('class="card tile"><b>')))
        self.assertIn('<canvas' if chart else '<polyline', shown)
        self.assertIn('Machine and build', shown)
        return shown

    def test_a_run_has_its_plots_and_tables_and_hostile_names_stay_text(self):
        value = recorded('run', name=pages.HOSTILE)
        for chart in pages.CHARTS:
            shown = self.shown(value, chart)
            for text in ('my_<wbr>&lt;<wbr>b&gt;bot', 'Active and waiting', 'Latency by percentile', 'Latency in ms',
                         'Thresholds that hold', 'rejected_percent &lt; 20', '_<wbr>_<wbr>proto',
                         'aria-label="Active and waiting, conversations, by time in s: active from 0 to 2'):
                self.assertIn(text, shown)

    def test_a_search_shows_what_held_and_what_broke(self):
        value = recorded('find-limit', '--precision', '50')
        search = value['find_limit']
        self.assertIsNotNone(search['breaks'])
        for chart in pages.CHARTS:
            shown = self.shown(value, chart)
            self.assertEqual(shown.count('<figure'), 3)
            self.assertEqual(shown.count('verdict holds'), sum(step['holds'] for step in search['steps']))
            self.assertEqual(shown.count('verdict breaks'), sum(not step['holds'] for step in search['steps']))
            self.assertIn('>found<', shown)
            self.assertIn('threshold: 20', shown)

    def test_searches_without_an_end_say_so(self):
        value = recorded('find-limit', '--precision', '100')
        search = value['find_limit']
        held = [step for step in search['steps'] if step['holds']]
        for steps, ends, said in (([], {'holds': None, 'breaks': None}, 'No load was tried'),
                                  (held, {'breaks': None}, 'breaks a threshold')):
            shown = pages.rendered(pages.page.page(
                {**value, 'find_limit': {**search, **ends, 'steps': steps}}, SCRIPTS))
            self.assertIn(said, shown)

    def test_nothing_is_wider_than_a_narrow_screen(self):
        for value in (recorded('run', name=pages.HOSTILE), recorded('find-limit', '--precision', '50')):
            for chart in pages.CHARTS:
                self.assertEqual(pages.too_wide(pages.page.page(value, SCRIPTS, chart)), '')


if __name__ == '__main__':
    unittest.main()
