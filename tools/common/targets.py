# SPDX-License-Identifier: BSL-1.0
"""The targets of tools/platforms.sh: compilers, processors and systems, and what is tried on each."""

import os
import shutil
from typing import NamedTuple

import packages
from console import COPY_THE_SOURCES, ROOT, writing_to

LIBRARY = 'src/libadmit.a'
# The tests that ask the system, the processor or the C++ library for something.
SYSTEM = ('unit_system', 'unit_permit', 'unit_lifetimes', 'unit_siphash', 'unit_user_name',
          'unit_user_counts')
# An emulator starts no program that a test names, and its own memory is measured with the test's.
NOT_EMULATED = ('lifetimes', 'wall_clock', 'memory')
EMULATED = tuple(name for name in SYSTEM if name.removeprefix('unit_') not in NOT_EMULATED)
ASYNC = ('async_waiting', 'async_working')
UNIT = 'unit'  # the whole suite

LIBCXX = os.path.join(ROOT, 'build-libc++')  # Debian's packages, unpacked
LIBCXX_PACKAGES = tuple(f'{name}-19{kind}' for name, kind in (
    ('libc++', '-dev'), ('libc++1', ''), ('libc++abi', '-dev'), ('libc++abi1', ''),
    ('libunwind', '-dev'), ('libunwind', '')))
# Boost and doctest alone: a cross compiler must not see the headers of this machine.
HEADERS = os.path.join(ROOT, 'build-headers')


class Target(NamedTuple):
    name: str
    compiler: str
    packages: tuple = ()
    tests: tuple = ()  # programs of the tests, or suites; without one the library alone is built
    full: bool = False  # only with --full or by name
    machine: tuple = ()  # system, family, processor, byte order: for another machine
    emulator: tuple = ()  # runs its programs here
    arguments: tuple = ()  # of the compiler
    link_arguments: tuple = ()
    options: tuple = ()  # of meson, name and value
    refused: str = ''  # the sentence by which the headers refuse the compiler


def package(command, name, reason):
    return packages.command(command, name, reason)


QEMU = package('qemu-aarch64-static', 'qemu-user-static', 'runs programs for other processors')


def cross(name, triple, family, processor, emulated, endian='little', **more):
    """Linux on another processor, by Debian's cross compiler; runs under QEMU."""
    compiler = f'{triple}-g++'
    wanted = [package(compiler, f'g++-{triple.replace("_", "-")}', f'the compiler for {name}')]
    emulator = ()
    if more.get('tests'):
        wanted.append(QEMU)
        emulator = (f'qemu-{emulated}-static', '-L', f'/usr/{triple}')
    return Target(name, compiler, tuple(wanted), machine=('linux', family, processor, endian),
                  emulator=emulator,
                  options=(('optimization', '1' if emulator else '0'),), **more)  # to be done sooner


def older(compiler, **more):
    return Target(compiler, compiler, tuple(packages.for_compiler(compiler)), full=True, **more)


MINGW = 'x86_64-w64-mingw32'
WINE = '/usr/lib/wine/wine64'  # in no folder of commands
TARGETS = (
    Target('libc++', 'clang++-19', tuple(packages.for_compiler('clang++-19')),
           tests=(*SYSTEM, *ASYNC),
           # The tests use std::jthread, which this version has as an experiment only.
           arguments=('-fexperimental-library', '-nostdinc++',
                      f'-isystem{LIBCXX}/usr/lib/llvm-19/include/c++/v1'),
           link_arguments=('-fexperimental-library', '-stdlib=libc++',
                           f'-L{LIBCXX}/usr/lib/llvm-19/lib',
                           f'-Wl,-rpath,{LIBCXX}/usr/lib/llvm-19/lib')),
    Target('portable', 'g++', tuple(packages.for_compiler('g++')), tests=(*SYSTEM, *ASYNC[:1]),
           options=(('portable', 'true'),)),
    cross('armhf', 'arm-linux-gnueabihf', 'arm', 'armv7hl', 'arm'),
    cross('s390x', 's390x-linux-gnu', 's390x', 's390x', 's390x', 'big'),
    cross('aarch64', 'aarch64-linux-gnu', 'aarch64', 'aarch64', 'aarch64', tests=(UNIT,)),
    cross('armhf-run', 'arm-linux-gnueabihf', 'arm', 'armv7hl', 'arm', tests=(*EMULATED, *ASYNC),
          full=True),
    cross('s390x-run', 's390x-linux-gnu', 's390x', 's390x', 's390x', 'big',
          tests=(*EMULATED, *ASYNC), full=True),
    cross('riscv64', 'riscv64-linux-gnu', 'riscv64', 'riscv64', 'riscv64', tests=(*EMULATED, *ASYNC),
          full=True),
    # For i386, QEMU 7.2 loops for ever in any program that throws an exception, or in which
    # threads compete for an atomic of 64 bits. These tests do neither.
    cross('i386', 'i686-linux-gnu', 'x86', 'i686', 'i386',
          tests=('unit_siphash', 'unit_user_name', *ASYNC), full=True),
    Target('mingw-w64', f'{MINGW}-g++-posix',
           (package(f'{MINGW}-g++-posix', 'g++-mingw-w64-x86-64-posix', 'the compiler for Windows'),
            packages.Package('wine64', 'runs programs for Windows', lambda: os.path.exists(WINE))),
           tests=(*EMULATED, *ASYNC), full=True, machine=('windows', 'x86_64', 'x86_64', 'little'),
           emulator=(WINE,), arguments=('-D_WIN32_WINNT=0x0A00',), link_arguments=('-static',)),
    older('g++-11', tests=(*SYSTEM, *ASYNC)),
    older('clang++-14', tests=(*SYSTEM, *ASYNC)),
    older('clang++-15', tests=SYSTEM),
    older('clang++-16', tests=SYSTEM),
    older('clang++-13', refused='admit needs clang 14 or newer'),
)


def named(name):
    return next(target for target in TARGETS if target.name == name)


def quoted(words):
    return '[' + ', '.join(f"'{word}'" for word in words) + ']'


def machine_file(target, compiler):
    """meson's description of the target. `compiler` is the command, with ccache or without."""
    arguments, link = list(target.arguments), list(target.link_arguments)
    lines = ['[binaries]', f'cpp = {quoted(compiler)}']
    if target.machine:
        prefix = target.compiler.partition('-g++')[0]
        lines += [f"ar = '{prefix}-ar'", f"strip = '{prefix}-strip'"]
        if target.emulator:
            lines.append(f'exe_wrapper = {quoted(target.emulator)}')
        lines += ['[properties]', 'needs_exe_wrapper = true', f"boost_root = '{HEADERS}'",
                  '[host_machine]']
        keys = ('system', 'cpu_family', 'cpu', 'endian')
        lines += [f"{key} = '{value}'" for key, value in zip(keys, target.machine)]
        arguments.append(f'-isystem{HEADERS}/include')
    lines += ['[built-in options]', f'cpp_args = {quoted(arguments)}',
              f'cpp_link_args = {quoted(link)}']
    return '\n'.join(lines) + '\n'


def link_headers(include_dirs):
    """Fills HEADERS with links to Boost and doctest where this machine has them."""
    found = []
    for name, ask in (('boost', packages.has_boost), ('doctest', lambda _: True)):
        found += [os.path.join(folder, name) for folder in include_dirs
                  if os.path.isdir(os.path.join(folder, name)) and ask(folder)][:1]
    shutil.rmtree(HEADERS, ignore_errors=True)
    with writing_to(HEADERS, COPY_THE_SOURCES):
        os.makedirs(os.path.join(HEADERS, 'include'))
        for folder in found:
            os.symlink(folder, os.path.join(HEADERS, 'include', os.path.basename(folder)))
