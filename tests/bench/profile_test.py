#!/usr/bin/env python3
"""Profiles are read as they are written, and drawn whole."""

import os
import sys
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools',
                                'profile'))
import flame  # noqa: E402
import stacks  # noqa: E402

PERF = '''
            55d0 admit::engine::try_admit(std::basic_string_view<char>)+0x10 (/x/admit-bench)
            44d0 admit::bench::loop<int>::run(unsigned int)+0x20 (/x/admit-bench)

            55d0 admit::engine::try_admit(std::basic_string_view<char>)+0x10 (/x/admit-bench)
            44d0 admit::bench::loop<int>::run(unsigned int)+0x20 (/x/admit-bench)

            77d0 [unknown] ([kernel.kallsyms])
'''

CALLGRIND = '''events: Ir Dr
fl=(1) a.cpp
fn=(1) main
16 10 3
cfn=(2) work(int)'main
calls=1 20
17 500 100
fn=(2)
20 300 60
+1 100 20
cfn=(3) leaf()'2'work(int)'main
calls=3 30
* 100 20
fn=(3)
30 100 20
'''


class Reading(unittest.TestCase):
    def test_samples_of_perf_are_stacks_from_the_outside_in(self):
        self.assertEqual(stacks.from_perf_script(PERF),
                         {('admit::bench::loop::run', 'admit::engine::try_admit'): 2,
                          ('[unknown]',): 1})

    def test_callgrind_counts_own_cost_by_context_and_nothing_twice(self):
        self.assertEqual(stacks.from_callgrind(CALLGRIND),
                         {('main',): 10, ('main', 'work'): 400, ('main', 'work', 'leaf'): 100})
        self.assertEqual(sum(stacks.from_callgrind(CALLGRIND, 'Dr').values()), 103)

    def test_names_lose_arguments_and_templates_only(self):
        for name, shown in (('f(int)', 'f'), ('a::b<c<d>>::e(f<g>)', 'a::b::e'),
                            ('(anonymous namespace)::x(int)', 'x'), ('[unknown]', '[unknown]'),
                            ('operator new(unsigned long)', 'operator new')):
            self.assertEqual(stacks.short(name), shown)

    def test_the_hottest_function_comes_first_with_its_part(self):
        hottest = stacks.hottest({('main', 'work'): 75, ('main', 'idle'): 25})
        self.assertEqual(hottest, [('work', .75, .75), ('idle', .25, .25)])


class Drawing(unittest.TestCase):
    def test_the_picture_is_valid_and_shows_each_frame(self):
        picture = flame.svg({('main', 'a<b>'): 3, ('main', 'c & d'): 1}, 'title')
        titles = [node.text for node in xml.etree.ElementTree.fromstring(picture).iter()
                  if node.tag.endswith('title') and node.text]
        self.assertEqual(titles, ['main: 100.00 %', 'a<b>: 75.00 %', 'c & d: 25.00 %'])


if __name__ == '__main__':
    unittest.main()
