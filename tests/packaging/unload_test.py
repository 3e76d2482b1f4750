#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A shared object that holds the library is loaded and unloaded 1,100 times.

There are 1,024 keys of threads in a process. In each round one thread ends after the object has gone.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

ROUNDS = 1100
# What Asio's templates make in the plugin itself is the plugin's matter.
PLUGIN = ['-fPIC', '-shared']
if 'clang' not in shipped.COMPILER[0]:
    PLUGIN.append('-fno-gnu-unique')


class Unloading(shipped.ShippedTest):
    def load_and_unload(self, plugin, gone, *flags):
        shipped.compile_program('plugin.cpp', self.path(plugin), *PLUGIN, *flags)
        shipped.compile_program('unload.cpp', self.path('unload'), '-ldl')
        print(shipped.output_of(self.path('unload'), self.path(plugin), gone, str(ROUNDS)), end='')

    def test_a_plugin_that_holds_the_static_library(self):
        self.load_and_unload('static.so', self.path('static.so'), *self.static)

    def test_the_shared_library_with_its_last_user(self):
        library = os.path.join(self.tree.lib, f'libadmit.so.{shipped.soversion()}')
        self.load_and_unload('shared.so', library, *self.shared)


if __name__ == '__main__':
    shipped.main()
