#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A program whose Asio differs from the library's does not link, and the linker says why."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

PROGRAM = 'asio_build.cpp'
# What is set for the program alone, and what the name of its Asio then has.
OTHERS = {
    '-DBOOST_ASIO_DISABLE_THREADS': '_without_THREADS',
    '-DBOOST_ASIO_DISABLE_THREAD_KEYWORD_EXTENSION': '_without_THREAD_KEYWORD_EXTENSION',
    '-DBOOST_ASIO_DISABLE_EPOLL': '_without_EPOLL',
    '-DBOOST_ASIO_DISABLE_EVENTFD': '_without_EVENTFD',
    '-DBOOST_ASIO_HAS_IO_URING': '_with_IO_URING',
    '-DBOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC': '_without_STD_ALIGNED_ALLOC',
    '-DBOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING': '_without_SMALL_BLOCK_RECYCLING',
    '-DBOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=5': '_with_CACHE_SIZE_5_to_8',
    '-DBOOST_ASIO_DISABLE_FENCED_BLOCK': '_without_FENCED_BLOCK',
    '-DBOOST_ASIO_ENABLE_HANDLER_TRACKING': '_with_HANDLER_TRACKING',
    '-DBOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT': '_with_TS_EXECUTOR_AS_DEFAULT',
    '-fno-exceptions': '_without_EXCEPTIONS',
}
LINKED = {
    '-DOTHER_VERSION=102601': 'asio_102601',
    '-DBOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING': '_without_AWAITABLE_FRAME_RECYCLING',
    '-fno-rtti': '_without_TYPEID',
}
# These change nothing that the library and the program share.
HARMLESS = ('-O0', '-DBOOST_ASIO_NO_DEPRECATED', '-DBOOST_ASIO_DISABLE_VISIBILITY',
            '-fvisibility=hidden')
NAME = r'compile_admit_with_boost_[0-9]+_asio_[0-9]+\w*'


class Mismatch(shipped.ShippedTest):
    def name_of(self, *flags):
        source = self.path('name.cpp')
        with open(source, 'w', encoding='utf-8') as file:
            file.write('#include <admit/detail/asio_build.hpp>\nADMIT_ASIO_BUILD\n')
        return shipped.output_of(*shipped.COMPILER, '-std=c++20', '-E', '-P', *flags,
                                 f'-I{self.tree.include}', source).split()[-1]

    def test_each_macro_is_in_the_name(self):
        usual = self.name_of()
        self.assertRegex(usual, f'^{NAME}$')
        for flag, named in OTHERS.items():
            with self.subTest(flag):
                name = self.name_of(flag)
                self.assertIn(named, name)
                self.assertNotEqual(name, usual)

    def test_another_asio_does_not_link_and_is_named(self):
        for flag, named in LINKED.items():
            with self.subTest(flag):
                code, said = shipped.compile_program(PROGRAM, self.path('other'), flag, *self.static,
                                                     check=False)
                self.assertNotEqual(code, 0)
                names = re.findall(f'undefined reference to .*({NAME})', said)
                self.assertTrue(names and named in names[0], said)

    def test_the_same_asio_links_and_runs(self):
        for library in (self.static, self.shared):
            shipped.compile_program(PROGRAM, self.path('same'), *HARMLESS, *library)
            self.assertEqual(shipped.output_of(self.path('same')), 'drained\n')


if __name__ == '__main__':
    shipped.main()
