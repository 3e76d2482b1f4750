#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tests of the pages that are made from the JSON of admit-bench: docs/performance.md and HTML."""

import html.parser
import importlib.util
import io
import json
import os
import shutil
import sys
import tempfile
import unittest
from contextlib import redirect_stderr

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools',
                                'bench'))
import performance_page as page  # noqa: E402

CAN_WRITE_HTML = bool(importlib.util.find_spec('jinja2') and shutil.which('gnuplot'))


def row(work, system, median):
    return {'name': f'{work}/{system}/1', 'work': work, 'system': system, 'threads': 1,
            'title': work, 'figure': {'median': median}}


RESULTS = {
    'machine': {'processor': 'A processor', 'cores': 2, 'system': 'Linux'},
    'compiler': 'gcc 12', 'flags': '-O3', 'allocator': 'malloc',
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


class Elements(html.parser.HTMLParser):
    """The elements and the texts of a page, and the files that it loads."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.files = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.files += [value for name, value in attrs
                       if name in ('src', 'href', 'xlink:href') and not value.startswith('#')]

    def handle_data(self, data):
        self.texts.append(data.strip())


@unittest.skipUnless(CAN_WRITE_HTML, 'jinja2 or gnuplot is not installed')
class HtmlPage(unittest.TestCase):
    def elements(self, results=RESULTS):
        import html_page
        text = html_page.html(results)
        self.assertTrue(text.rstrip().endswith('</html>'))
        return Elements(text)

    def test_the_page_contains_tables_and_a_plot_of_each_curve(self):
        seen = self.elements()
        self.assertEqual(seen.tags.count('svg'), 1)
        self.assertEqual(seen.tags.count('table'), 4)
        for text in ('one that does not', 'missed', '150.2', 'string', '3.00 x', 'bytes of a slot',
                     '1,234', "a user's slots"):
            self.assertIn(text, seen.texts)

    def test_the_page_loads_no_other_file(self):
        seen = self.elements()
        self.assertEqual(seen.files, [])
        self.assertNotIn('script', seen.tags)

    def test_a_curve_without_figures_has_no_plot(self):
        curve = json.loads(json.dumps(RESULTS['curves'][0]))
        for point in curve['lines'][0]['points']:
            point['figure'] = None
        self.assertEqual(self.elements({**RESULTS, 'curves': [curve]}).tags.count('svg'), 0)

    def test_titles_are_escaped(self):
        results = {**RESULTS, 'observations': [{'title': '<b>a & b</b>', 'unit': 'ns',
                                                'figure': None}]}
        seen = self.elements(results)
        self.assertNotIn('b', seen.tags)
        self.assertIn('<b>a & b</b>', ''.join(seen.texts))


if __name__ == '__main__':
    unittest.main()
