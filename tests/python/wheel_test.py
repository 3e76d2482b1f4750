#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The wheel builds, installs offline into a fresh environment, and does what it promises there."""

import json
import os
import re
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
for folder in ('tools/common', 'tools/packaging', 'tools/python'):
    sys.path.insert(0, os.path.join(ROOT, folder))
import bench  # noqa: E402
import build_wheel  # noqa: E402
import packages  # noqa: E402
from native_build import output_of  # noqa: E402

SKIPPED = 77


# A system without eventfd, as the package sees it.
NO_EVENTFD = """
#include <errno.h>
int eventfd(unsigned count, int flags);
int eventfd(unsigned count, int flags) { (void)count, (void)flags; errno = ENOSYS; return -1; }
"""


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.wheel = build_wheel.build(cls.folder.name)
        cls.python = build_wheel.environment(os.path.join(cls.folder.name, 'environment'), cls.wheel)

    def run_in_it(self, name, **environment):
        return output_of(self.python, '-X', 'dev', '-W', 'error', os.path.join(HERE, name),
                         **environment)

    def channel_has(self, **environment):
        """How many descriptors."""
        return output_of(self.python, '-c', 'import support; print(support.descriptors_of_a_channel())',
                         PYTHONPATH=HERE, **environment).strip()

    def test_its_name_says_what_it_was_built_for(self):
        version = re.search(r"version : '([^']+)'",
                            open(os.path.join(ROOT, 'meson.build'), encoding='utf-8').read()).group(1)
        minor = output_of(build_wheel.PYTHON, '-c', 'import sys; print("%d%d" % sys.version_info[:2])')
        tag = f'cp{minor.strip()}'
        self.assertRegex(os.path.basename(self.wheel), f'^admit-{version}-{tag}-{tag}-linux_')
        self.assertEqual(output_of(self.python, '-c', 'import admit; print(admit.__version__)').strip(),
                         version)

    def test_it_has_the_package_and_nothing_else(self):
        names = output_of(build_wheel.PYTHON, '-m', 'zipfile', '-l', self.wheel)
        files = {name for name in re.findall(r'^(\S+)', names, re.M) if not '.dist-info/' in name}
        self.assertEqual({re.sub(r'_engine\..*so$', '_engine.so', name) for name in files - {'File'}},
                         {'admit/__init__.py', 'admit/_block.py', 'admit/_contexts.py', 'admit/_engine.pyi',
                          'admit/_engine.so', 'admit/_loops.py', 'admit/_values.py',
                          'admit/conversation_manager.py', 'admit/py.typed', 'admit/rate_limiter.py'})

    def test_the_engine(self):
        self.run_in_it('test_engine.py')

    def test_waiting(self):
        self.run_in_it('test_waiting.py')

    def test_asyncio(self):
        self.run_in_it('test_asyncio.py')

    def test_loops(self):
        self.run_in_it('test_loops.py')

    def test_the_older_interfaces(self):
        for name in ('test_contexts.py', 'test_conversation_manager.py', 'test_cleanup.py', 'test_rate_limiter.py'):
            self.run_in_it(name)

    def test_a_short_measurement_has_every_row_and_column(self):
        medians = json.loads(output_of(self.python, os.path.join(ROOT, 'tools/python/measure.py'), '500', '1'))
        self.assertEqual(medians.keys(), bench.ROWS.keys())
        for row, columns in medians.items():
            for name, median in columns.items():
                self.assertGreater(median, 0)
                self.assertRegex(bench.table(medians),
                                 re.escape(f'| {bench.ROWS[row]} | {bench.NAMES[name]} | {median:.3g} |'))
        self.assertEqual(len(re.findall(r'^(?:reached|missed): ', bench.targets(medians), re.M)), 4)
        page = f'before\n{bench.BEGIN}old\n{bench.END}after\n'
        self.assertEqual(bench.page_with(page, medians),
                         f'before\n{bench.BEGIN}\n{bench.table(medians)}\n\n{bench.END}after\n')

    def test_loops_are_woken_by_sockets_where_there_is_no_eventfd(self):
        self.assertEqual(self.channel_has(), '1')
        source, shim = (os.path.join(self.folder.name, name) for name in ('shim.c', 'shim.so'))
        with open(source, 'w', encoding='utf-8') as file:
            file.write(NO_EVENTFD)
        output_of('gcc', '-shared', '-fPIC', source, '-o', shim)
        self.assertEqual(self.channel_has(LD_PRELOAD=shim), '2')
        for name in ('test_waiting.py', 'test_asyncio.py', 'test_loops.py'):
            self.run_in_it(name, LD_PRELOAD=shim)

    def test_the_recipes(self):
        missing = [package.name for package in packages.RECIPES if not package.present()]
        if missing:
            self.skipTest('not installed: ' + ', '.join(missing))
        python = build_wheel.environment(os.path.join(self.folder.name, 'with-libraries'), self.wheel,
                                         '--system-site-packages')
        for name in ('test_recipes.py', 'test_web_recipe.py'):
            output_of(python, '-X', 'dev', '-W', 'error', os.path.join(HERE, name))

    def test_types(self):
        self.run_in_it('typed.py')
        if shutil.which('mypy') is None:
            self.skipTest('mypy is not installed')
        for what in ([os.path.join(HERE, 'typed.py')], ['-p', 'admit']):
            output_of('mypy', '--strict', '--cache-dir', os.devnull, '--python-executable', self.python, *what)


if __name__ == '__main__':
    missing = [package.name for package in packages.WHEEL if not package.present()]
    if missing:
        print('not installed: ' + ', '.join(missing))
        sys.exit(SKIPPED)
    unittest.main()
