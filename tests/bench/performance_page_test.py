#!/usr/bin/env python3
"""The figures of a run go between the marks of the page, and nothing else changes."""

import importlib.util
import io
import json
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stderr

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, '..', '..', 'tools', 'bench', 'performance_page.py')

sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('performance_page', SCRIPT)
page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(page)


def row(work, system, median):
    return {'name': f'{work}/{system}/1', 'work': work, 'system': system, 'threads': 1,
            'title': work, 'figure': {'median': median}}


RESULTS = {
    'machine': {'processor': 'A processor', 'cores': 2, 'system': 'Linux'},
    'compiler': 'gcc 12', 'flags': '-O3', 'allocator': 'malloc',
    'observations': [{'title': 'bytes of a slot', 'unit': 'bytes', 'figure': {'median': 150.25}}],
    'rows': [row('floor5', 'steps', 20), row('string', 'admit', 30), row('string', 'mutex', 90),
             dict(row('lost', 'admit', 0), figure=None)],
    'curves': [{'title': 'cost', 'x': 'slots', 'lines': [
        {'system': 'admit', 'points': [{'at': 20, 'figure': {'median': 31}},
                                       {'at': 1000000, 'figure': {'median': 1234.5}}]}]}],
    'targets': [{'title': 'one that holds', 'figure': 'a', 'of': 'b', 'at_most': 1.8, 'is': 1.5,
                 'verdict': 'met'},
                {'title': 'one that does not', 'figure': 'c', 'of': None, 'at_most': 128,
                 'is': 150.25, 'verdict': 'missed'}],
}


def written(text, results=RESULTS):
    """(the page afterwards, what was said)."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, 'r.json'), os.path.join(folder, 'p.md')
        with open(source, 'w', encoding='utf-8') as file:
            json.dump(results, file)
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
        said = io.StringIO()
        with redirect_stderr(said):
            page.main(source, target)
        with open(target, encoding='utf-8') as file:
            return file.read(), said.getvalue()


class Page(unittest.TestCase):
    def test_only_what_is_between_the_marks_changes(self):
        text, _ = written(f'before\n{page.BEGIN}\noutdated\n{page.END}\nafter\n')
        self.assertTrue(text.startswith(f'before\n{page.BEGIN}\n'))
        self.assertTrue(text.endswith(f'{page.END}\nafter\n'))
        self.assertNotIn('outdated', text)
        self.assertEqual(written(text)[0], text)

    def test_the_figures_are_there(self):
        text, _ = written(f'{page.BEGIN}{page.END}')
        for part in ('A processor, 2 cores; Linux; gcc 12; `-O3`; malloc',
                     '| string | 1 | 30 | 1.50 x | 90 | 3.00 x | - | - |',
                     '| lost | 1 | - | - |',
                     '| one that holds | 1.80 x | 1.50 x | met | `a` / `b` |',
                     '| one that does not | 128 | 150.2 | **missed** | `c` |',
                     '| slots | 20 | 1,000,000 |', '| admit | 31 | 1,234 |'):
            self.assertIn(part, text)

    def test_what_is_missed_has_to_be_explained(self):
        self.assertIn('one that does not', written(f'{page.BEGIN}{page.END}')[1])
        explained = f'{page.BEGIN}{page.END}\none that does not: because\n'
        self.assertEqual(written(explained)[1], '')

    def test_a_page_without_marks_is_refused_and_left_alone(self):
        with self.assertRaises(SystemExit):
            written('no marks\n')


if __name__ == '__main__':
    unittest.main()
