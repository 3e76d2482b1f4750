#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Programs of several compilers use the shared library as one whole with their own Asio."""

import os
import shutil
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

PROGRAM = 'shared_state.cpp'
CLANG = 'clang++-19'
INSTALLED = '/usr/lib/llvm-19'
UNPACKED = os.path.join(shipped.ROOT, 'build-libc++/usr/lib/llvm-19')  # by tools/platforms.sh


def libcxx():
    """The arguments of the compiler and of the linker for libc++ 19; none where there is none."""
    if os.path.isdir(f'{INSTALLED}/include/c++'):
        return ['-stdlib=libc++'], ['-stdlib=libc++']
    if os.path.isdir(f'{UNPACKED}/include/c++'):
        return (['-nostdinc++', f'-isystem{UNPACKED}/include/c++/v1'],
                ['-stdlib=libc++', f'-L{UNPACKED}/lib', f'-Wl,-rpath,{UNPACKED}/lib'])
    return None


class SharedState(shipped.ShippedTest):
    def run_with(self, name, compiler, *flags):
        shipped.compile_program(PROGRAM, self.path(name), *flags, compiler=compiler)
        print(shipped.output_of(self.path(name)), end='')

    def test_with_the_librarys_compiler(self):
        self.run_with('same', None, *self.shared)

    def test_where_the_program_hides_its_symbols(self):
        self.run_with('hidden', None, '-fvisibility=hidden', '-fvisibility-inlines-hidden',
                      *self.shared)

    @unittest.skipUnless(shutil.which(CLANG), f'there is no {CLANG}')
    def test_with_clang(self):
        self.run_with('clang', [CLANG], *self.shared)

    @unittest.skipUnless(shipped.FULL, 'only with --full: builds the library once more')
    @unittest.skipUnless(libcxx(), 'there is no libc++ 19')
    def test_with_clang_and_libcxx(self):
        compiling, linking = libcxx()
        build = self.path('libcxx')
        if not os.path.exists(os.path.join(build, 'build.ninja')):
            shipped.output_of('meson', 'setup', build, shipped.ROOT, '-Ddefault_library=shared',
                              '-Dtests=disabled', '-Dtools=disabled',
                              f'-Dcpp_args={compiling}',
                              f'-Dcpp_link_args={linking}', CXX=CLANG)
        shipped.output_of('ninja', '-C', build)
        library = os.path.join(build, 'src')
        self.run_with('with_libcxx', [CLANG, *compiling, *linking], f'-I{self.tree.include}',
                      f'-L{library}', '-ladmit', f'-Wl,-rpath,{library}')


if __name__ == '__main__':
    shipped.main()
