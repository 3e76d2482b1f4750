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

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools',
                                'profile'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import flame  # noqa: E402
import pages  # noqa: E402
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


ABOUT = {'machine': {'processor': 'A processor', 'cores': 2, 'system': 'Linux'}}
FOLDED = ('main;wide;left 600\nmain;wide;right 300\nmain;narrow;right 99\n'
          f'main;narrow;{";".join(f"deep{at}" for at in range(500))} 1\n')


def frames(folded):
    """(name, samples, frames) of each, from the outermost; the widest first."""
    value = flame.value(folded, 'the title', ABOUT)
    return [(value['names'][name], samples, count) for _, name, samples, count in value['frames']]


class FlameGraph(unittest.TestCase):
    def test_equal_callers_are_one_frame(self):
        self.assertEqual(frames('main;a<b> 3\nmain;c & d 1\nmain;a<b> 2\nno count\n'),
                         [('all', 6, 1), ('main', 6, 1), ('a<b>', 5, 1), ('c & d', 1, 1)])

    def test_thin_frames_are_one_without_callees(self):
        self.assertEqual(frames('main;wide 4999\nmain;x;y;z 1\nmain;x2 4\n')[2:],
                         [(None, 5, 2), ('wide', 4999, 1)])

    def test_unknown_callers_in_a_row_are_one_frame(self):
        self.assertEqual(frames('main;[unknown];[unknown];f;f 1\n')[1:],
                         [('main', 1, 1), ('[unknown]', 1, 1), ('f', 1, 1), ('f', 1, 1)])

    def test_functions_are_counted_once_a_stack(self):
        self.assertEqual(flame.value('f;g;f 3\ng 1\n', '', ABOUT)['functions'], [['f', 3, 3], ['g', 1, 4]])

    def test_a_page_without_samples_says_so(self):
        text = flame.value('', 'nothing', ABOUT)
        self.assertEqual(text['samples'], 0)
        if pages.CHROMIUM:
            self.assertIn('took no sample', pages.rendered(pages.page.page(text, flame.SCRIPTS)))

    def test_names_of_any_bytes_stay_text(self):
        name = pages.HOSTILE.replace('\r\n', '')
        text = pages.page.page(flame.value(f'{name};{name} 3\n', name, ABOUT), flame.SCRIPTS)
        self.assertIn(name, pages.value_in(text)['names'])
        pages.asks_for_nothing(self, text)
        if pages.CHROMIUM:
            self.assertNotIn('<img', pages.rendered(text))


@unittest.skipUnless(pages.CHROMIUM, 'chromium is not installed')
class FlameGraphInABrowser(unittest.TestCase):
    def shown(self, actions='', width=1280):
        text = pages.page.page(flame.value(FOLDED, 'the title', ABOUT), flame.SCRIPTS)
        return pages.rendered(text, """
            const frame = (name) => document.querySelector(`.frame[aria-label^="${name},"]`);
            const press = (key) => document.activeElement.dispatchEvent(
              new KeyboardEvent('keydown', { key, bubbles: true }));""" + actions, width)

    @staticmethod
    def names(shown):
        return re.findall(r'class="frame [^>]*aria-label="([^",]*),', shown)

    def test_thin_stacks_do_not_make_it_high(self):
        for width in (390, 1280):
            shown = self.shown(width=width)
            self.assertLessEqual({'all', 'main', 'wide', 'left', 'right', 'narrow'}, set(self.names(shown)))
            self.assertIn('height: 80px', shown)
        self.assertIn('wide, 900 samples, 90 %', shown)

    def test_nothing_is_wider_than_a_narrow_screen(self):
        value = flame.value(FOLDED.replace('narrow', 'long_name::' * 30), 'title', ABOUT)
        self.assertEqual(pages.too_wide(pages.page.page(value, flame.SCRIPTS)), '')

    def test_a_click_zooms_and_reset_shows_all(self):
        shown = self.shown("frame('narrow').click();")
        self.assertEqual(self.names(shown)[:3], ['all', 'main', 'narrow'])
        self.assertNotIn('wide', self.names(shown))
        self.assertIn('narrow: 100 samples, 10 %', shown)
        self.assertIn('wide', self.names(self.shown("frame('narrow').click(); "
                                                    "document.getElementById('reset').click();")))

    def test_keys_move_zoom_and_reset(self):
        moved = "frame('all').focus(); press('ArrowDown'); press('ArrowDown'); press('ArrowRight');"
        self.assertIn('narrow: 100 samples, 10 %', self.shown(moved))
        zoomed = moved + "press('ArrowUp'); press('ArrowDown'); document.activeElement.click();"
        self.assertNotIn('narrow', self.names(self.shown(zoomed)))
        self.assertIn('narrow', self.names(self.shown(zoomed + "press('Escape');")))

    def test_one_frame_alone_is_reached_by_tab(self):
        self.assertEqual(len(re.findall('class="frame [^>]*tabindex="0"', self.shown())), 1)

    def test_a_search_marks_what_matches_and_adds_it_up(self):
        shown = self.shown("const box = document.getElementById('search'); box.value = 'RIGHT'; "
                           "box.dispatchEvent(new Event('input'));")
        self.assertEqual(len(re.findall('class="frame [^"]*match"', shown)), 2)
        self.assertIn('399 samples, 39.9 % match', shown)


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
