#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tests of the pages that are made from the JSON of admit-bench: docs/performance.md and HTML."""

import io
import json
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stderr

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools',
                                'bench'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import html_page  # noqa: E402
import pages  # noqa: E402
import performance_page as page  # noqa: E402


def row(work, system, median):
    return {'name': f'{work}/{system}/1', 'work': work, 'system': system, 'threads': 1,
            'title': work, 'figure': {'median': median}}


RESULTS = {
    'machine': {'processor': 'A processor', 'cores': 2, 'system': 'Linux'},
    'tool_version': '1.2.3', 'revision': 'abc', 'date': '2026-01-02T03:04:05Z', 'compiler': 'gcc 12',
    'flags': '-O3', 'allocator': 'malloc',
    'observations': [{'title': 'bytes of a slot', 'unit': 'bytes', 'figure': {'median': 150.25}}],
    'rows': [row('floor5', 'steps', 20), row('string', 'admit', 30), row('string', 'mutex', 90),
             dict(row('lost', 'admit', 0), figure=None)],
    'curves': [{'name': 'slots', 'title': 'cost', 'x': "a user's slots", 'logarithmic': True, 'lines': [
        {'system': 'admit', 'points': [{'at': 20, 'figure': {'median': 31}},
                                       {'at': 1000000, 'figure': {'median': 1234.5}}]}]}],
    'targets': [{'title': 'one that holds', 'figure': 'a', 'of': 'b', 'at_most': 1.8, 'is': 1.5,
                 'verdict': 'met'},
                {'title': 'one that does not', 'figure': 'c', 'of': None, 'at_most': 128,
                 'is': 150.25, 'verdict': 'missed'}],
}


def written(text, results=RESULTS):
    """(the page afterwards, the text on standard error)."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, 'r.json'), os.path.join(folder, 'p.md')
        with open(source, 'w', encoding='utf-8') as file:
            json.dump(results, file)
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
        errors = io.StringIO()
        with redirect_stderr(errors):
            page.main(source, target)
        with open(target, encoding='utf-8') as file:
            return file.read(), errors.getvalue()


class PerformancePage(unittest.TestCase):
    def test_only_the_text_between_the_marks_changes(self):
        text, _ = written(f'before\n{page.BEGIN}\noutdated\n{page.END}\nafter\n')
        self.assertTrue(text.startswith(f'before\n{page.BEGIN}\n'))
        self.assertTrue(text.endswith(f'{page.END}\nafter\n'))
        self.assertNotIn('outdated', text)
        self.assertEqual(written(text)[0], text)

    def test_the_page_contains_the_figures(self):
        text, _ = written(f'{page.BEGIN}{page.END}')
        for part in ('A processor, 2 cores; Linux; gcc 12; `-O3`; malloc',
                     '| string | 1 | 30 | 1.50 x | 90 | 3.00 x | - | - |',
                     '| lost | 1 | - | - |',
                     '| one that holds | 1.80 x | 1.50 x | met | `a` / `b` |',
                     '| one that does not | 128 | 150.2 | **missed** | `c` |',
                     "| a user's slots | 20 | 1,000,000 |", '| admit | 31 | 1,234 |'):
            self.assertIn(part, text)

    def test_a_missed_target_without_explanation_is_reported(self):
        self.assertIn('one that does not', written(f'{page.BEGIN}{page.END}')[1])
        explained = f'{page.BEGIN}{page.END}\none that does not: because\n'
        self.assertEqual(written(explained)[1], '')

    def test_a_page_without_marks_is_refused_and_left_alone(self):
        with self.assertRaises(SystemExit):
            written('no marks\n')


def html_of(results=RESULTS, chart=pages.CHARTS[-1]):
    return pages.page.page(html_page.value(results), html_page.SCRIPTS, chart)


class HtmlPage(unittest.TestCase):
    def test_the_page_holds_the_results_and_loads_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, 'r.json'), os.path.join(folder, 'p.html')
            with open(source, 'w', encoding='utf-8') as file:
                json.dump(RESULTS, file)
            html_page.main(source, target)
            with open(target, encoding='utf-8') as file:
                text = file.read()
        self.assertTrue(text.rstrip().endswith('</html>'))
        self.assertIn('<meta name="viewport"', text)
        value = pages.value_in(text)
        self.assertEqual({key: value[key] for key in RESULTS}, RESULTS)
        self.assertEqual([table['title'] for table in value['tables']], ['Work', 'Cost', 'Other figures'])
        for chart in pages.CHARTS:
            pages.asks_for_nothing(self, html_of(chart=chart))

    def test_titles_are_no_markup(self):
        results = {**RESULTS, 'observations': [{'title': pages.HOSTILE, 'unit': 'ns', 'figure': None}]}
        text = html_of(results)
        self.assertEqual(pages.value_in(text)['observations'][0]['title'], pages.HOSTILE)
        if pages.CHROMIUM:
            self.assertNotIn('<img', pages.rendered(text))

    @unittest.skipUnless(pages.CHROMIUM, 'chromium is not installed')
    def test_a_browser_shows_targets_tables_and_a_plot_of_each_curve(self):
        for chart in pages.CHARTS:
            shown = pages.rendered(html_of(chart=chart))
            self.assertEqual((shown.count('<figure'), shown.count('<table')), (1, 5))
            self.assertIn('aria-label="cost, ns, by a user\'s slots: admit from 31 to 1,235"', shown)
            self.assertIn('<canvas' if chart else '<polyline', shown)
            for text in ('one that does not', '1 of 2', '>MISSED<', '117 % of what is allowed', '3.00 x',
                         'bytes of a slot', '2026-01-02 03:04:05 UTC', 'A processor', '>1.2.3<', '>abc<'):
                self.assertIn(text, shown)

    @unittest.skipUnless(pages.CHROMIUM, 'chromium is not installed')
    def test_nothing_is_wider_than_a_narrow_screen(self):
        for chart in pages.CHARTS:
            self.assertEqual(pages.too_wide(html_of(chart=chart)), '')

    @unittest.skipUnless(pages.CHROMIUM, 'chromium is not installed')
    def test_a_curve_without_figures_has_no_plot(self):
        curve = json.loads(json.dumps(RESULTS['curves'][0]))
        for point in curve['lines'][0]['points']:
            point['figure'] = None
        self.assertNotIn('<figure', pages.rendered(html_of({**RESULTS, 'curves': [curve]})))


if __name__ == '__main__':
    unittest.main()
