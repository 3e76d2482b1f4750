#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The module and the library under AddressSanitizer and UndefinedBehaviorSanitizer."""

import os
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from native_build import Build, builds, module_in, output_of, run  # noqa: E402
import packages  # noqa: E402

SKIPPED = 77
FATAL = '-fno-sanitize-recover=undefined'
OPTIONS = ('-Db_sanitize=address,undefined', '-Db_lundef=false', '-Dbuildtype=debugoptimized',
           '-Doptimization=0', f'-Dc_args={FATAL}', f'-Dcpp_args={FATAL}')


def library(name):
    """The path of a library of gcc, or its bare name if there is none."""
    return builds.first_line('gcc', f'-print-file-name={name}')


class Sanitized(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.build = Build(folder.name, *OPTIONS)
        cls.package = cls.build.package('package')

    def run_in(self, package, test):
        # The interpreter is not built for it, so the sanitizer comes first, and libstdc++ with it, for
        # the sanitizer takes over `throw`. What Python never frees is no leak of the module, and
        # Python's own allocator would hide errors inside its pools.
        return run(package, test, PYTHONMALLOC='malloc',
                   LD_PRELOAD=library('libasan.so') + ':' + library('libstdc++.so.6'),
                   ASAN_OPTIONS='detect_leaks=0', UBSAN_OPTIONS='print_stacktrace=1')

    def test_the_engine(self):
        self.run_in(self.package, 'test_engine.py')

    def test_waiting(self):
        self.run_in(self.package, 'test_waiting.py')

    def test_asyncio(self):
        self.run_in(self.package, 'test_asyncio.py')

    def test_loops(self):
        self.run_in(self.package, 'test_loops.py')

    def test_the_way_without_eventfd(self):
        self.build.configure('-Deventfd=false')
        package = self.build.package('pair')
        self.assertFalse(re.search(r'\beventfd\b', output_of('nm', '-D', module_in(package))))
        for test in ('test_waiting.py', 'test_asyncio.py', 'test_loops.py'):
            self.run_in(package, test)

    def test_a_planted_error_is_found(self):
        freed, planted = 'tp_free((PyObject*)self);', ' self->over = true;'
        self.build.edit('admit/native/event.c', re.escape(freed), freed + planted)
        self.addCleanup(self.build.edit, 'admit/native/event.c', re.escape(planted), '')
        with self.assertRaisesRegex(AssertionError, 'AddressSanitizer: heap-use-after-free'):
            self.run_in(self.build.package('planted'), 'test_asyncio.py')


if __name__ == '__main__':
    missing = [package.name for package in (*packages.WHEEL, *packages.for_build('g++'))
               if not package.present()]
    if not missing and not os.path.isabs(library('libasan.so')):
        missing = ['libasan of gcc']
    if missing:
        print('not installed: ' + ', '.join(missing))
        sys.exit(SKIPPED)
    unittest.main()
