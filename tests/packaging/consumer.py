#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A small program builds and runs against admit, in the ways a user has it.

    consumer.py WAY SOURCE BUILD KEY=VALUE...

`installed`: BUILD is installed into a folder of its own, and the program built
with nothing but the compiler and pkg-config. `found by CMake`: the folder is
then moved, and found by find_package. `fetched by CMake`: SOURCE is built by
FetchContent. `added to CMake`: SOURCE is configured by add_subdirectory, and
with --full built. `as a subproject`: the program is a meson project that has
SOURCE as its subproject, without a sanitizer and with AddressSanitizer (with
--full also ThreadSanitizer). The values say how BUILD was made: compiler,
version, library (static, shared, both).
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/common'))
import builds  # noqa: E402

# And the shared libraries with their versions.
ALLOWED = ('/admit.pc', '/admit-metrics.pc', '/admitConfig.cmake', '/admitConfigVersion.cmake', '.hpp', '.h',
           'libadmit.a', 'libadmit-metrics.a')

OUTPUT = 'admitted one of two\n'
SKIPPED = 77  # without CMake
FULL = os.environ.get('ADMIT_FULL') == '1'  # run_tests.sh --full


def run(command, **environment):
    print('+', shlex.join(command), flush=True)
    done = subprocess.run(command, env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, end='', flush=True)
    if done.returncode:
        sys.exit(f'exit code {done.returncode}')
    return done.stdout


def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f'{what}: expected {wanted!r}, saw {seen!r}')


def files_under(folder):
    return [os.path.join(f, n) for f, _, names in os.walk(folder) for n in names]


def install(build, work):
    """The folder into which everything is installed, and the files there."""
    root = os.path.join(work, 'root')
    run(['meson', 'install', '-C', build, '--no-rebuild', '--destdir', root])
    return root, files_under(root)


def installed(source, build, how, work):
    prefix, files = install(build, work)
    for file in files:
        if not file.endswith(ALLOWED) and not re.search(r'/libadmit(-metrics)?\.so', file):
            sys.exit(f'installs {file}, which is no header, no library and of no package file')
    public = {n for n in os.listdir(os.path.join(source, 'include/admit')) if n.endswith(('.hpp', '.h'))}
    if not any('/libadmit-metrics.' in f for f in files):
        public.remove('metrics.hpp')  # of the optional part, which needs prometheus-cpp
    missing = public - {os.path.basename(f) for f in files}
    expect('headers that are not installed', missing, set())

    [pc_file] = [f for f in files if f.endswith('/admit.pc')]
    library_dirs = {os.path.dirname(f) for f in files if 'libadmit.' in f}
    # DESTDIR stands before every path, as a packager's sysroot does.
    pc = {'PKG_CONFIG_LIBDIR': os.path.dirname(pc_file), 'PKG_CONFIG_SYSROOT_DIR': prefix}
    expect('version', run(['pkg-config', '--modversion', 'admit'], **pc).strip(), how['version'])
    static = ['--static'] if how['library'] == 'static' else []
    flags = shlex.split(run(['pkg-config', *static, '--cflags', '--libs', 'admit'], **pc))

    program = os.path.join(work, 'consumer')
    compiler = shlex.split(how['compiler'])
    if os.environ.get('BOOST_ROOT'):
        compiler += ['-isystem', os.path.join(os.environ['BOOST_ROOT'], 'include')]
    for name in ('async.cpp', 'main.cpp'):
        run([*compiler, '-std=c++20', os.path.join(source, 'tests/packaging/consumer', name),
             '-o', program, *flags])
        output = run([program], LD_LIBRARY_PATH=':'.join(sorted(library_dirs)))
    return output


def configure_by_cmake(source, how, work, *settings):
    """The folder in which CMake builds the programs."""
    if shutil.which('cmake') is None:
        sys.exit(SKIPPED)
    build = os.path.join(work, 'build')
    compiler = how['compiler'].removeprefix('ccache ')
    run(['cmake', '-S', os.path.join(source, 'tests/packaging/consumer'), '-B', build,
         f'-DCMAKE_CXX_COMPILER={compiler}', *settings])
    return build


def cmake(source, how, work, *settings):
    """The output of the programs that CMake builds."""
    build = configure_by_cmake(source, how, work, *settings)
    run(['cmake', '--build', build, '--parallel'])
    return outputs_of(build)


def outputs_of(build, sanitizer='none'):
    launcher = builds.launcher(sanitizer)
    run([*launcher, os.path.join(build, 'consumer_async')])
    return run([*launcher, os.path.join(build, 'consumer')])


def found_by_cmake(source, build, how, work):
    _, files = install(build, work)
    [config] = [f for f in files if f.endswith('/admitConfig.cmake')]
    [header] = [f for f in files if f.endswith('/include/admit/engine.hpp')]
    prefix = header.removesuffix('/include/admit/engine.hpp')
    moved = os.path.join(work, 'moved')
    shutil.move(prefix, moved)
    expect('folder of ' + config, config.startswith(prefix), True)
    settings = f'-DCMAKE_PREFIX_PATH={moved}'
    output = cmake(source, how, work, settings)
    for wanted in ('0.2', '1.0'):  # another minor version before 1.0, and a later major one
        project = os.path.join(work, wanted)
        os.mkdir(project)
        with open(os.path.join(project, 'CMakeLists.txt'), 'w', encoding='utf-8') as file:
            file.write('cmake_minimum_required(VERSION 3.18)\nproject(other LANGUAGES CXX)\n'
                       f'find_package(admit {wanted} QUIET)\n'
                       'if(admit_FOUND)\n  message(FATAL_ERROR "took another version")\nendif()\n')
        run(['cmake', '-S', project, '-B', os.path.join(project, 'build'), settings])
    return output


def fetched_by_cmake(source, _build, how, work):
    with open(os.path.join(source, 'tools/cmake/CMakeLists.txt'), encoding='utf-8') as file:
        text = file.read()
    expect('version for CMake', re.search(r'admit VERSION (\S+)', text).group(1), how['version'])
    listed = re.findall(r'^  (\w+/\w+\.cpp)$', text, re.M)
    with open(os.path.join(source, 'src/meson.build'), encoding='utf-8') as file:
        expect('sources for CMake', listed, re.findall(r"^  '(\w+/\w+\.cpp)',$", file.read(), re.M))
    if FULL:
        shared = os.path.join(work, 'shared')
        os.mkdir(shared)
        cmake(source, how, shared, f'-DADMIT_SOURCE={source}', '-DBUILD_SHARED_LIBS=ON')
        minor = how['version'].rpartition('.')[0]  # of version 1.0 on it is the major one
        expect('soname', {os.path.basename(name) for name in files_under(shared)
                          if '/libadmit.so.' in name},
               {f'libadmit.so.{minor}', f'libadmit.so.{how["version"]}'})
    return cmake(source, how, work, f'-DADMIT_SOURCE={source}')


def added_to_cmake(source, _build, how, work):
    settings = f'-DADMIT_SUBDIRECTORY={source}'
    if FULL:
        return cmake(source, how, work, settings)
    configure_by_cmake(source, how, work, settings)
    return OUTPUT  # as if it had run


def as_subproject(source, _build, how, work):
    project = os.path.join(work, 'project')
    shutil.copytree(os.path.join(source, 'tests/packaging/consumer'), project)
    # Copied as a checkout would be: without build directories.
    inside = os.path.join(project, 'subprojects/admit')
    shutil.copytree(source, inside, ignore=lambda folder, names: [
        n for n in names if folder == source and (n == '.git' or n.startswith('build'))])
    for sanitizer in ('none', 'thread', 'address') if FULL else ('none', 'address'):
        output = build_subproject(project, os.path.join(work, sanitizer), sanitizer, how)
    return output


def build_subproject(project, build, sanitizer, how):
    run(['meson', 'setup', build, project, '--force-fallback-for=admit', '--buildtype=debug',
         '-Db_lundef=false', f'-Db_sanitize={sanitizer}'], CXX=how['compiler'])
    targets = run(['meson', 'introspect', '--targets', build])
    for name in ('doctest_main', 'admit-load'):
        if f'"{name}"' in targets:
            sys.exit(f'a subproject should not build {name}')
    run(['ninja', '-C', build, 'consumer', 'consumer_async'])
    return outputs_of(build, sanitizer)


def main(kind, source, build, *values):
    how = dict(value.split('=', 1) for value in values)
    ways = {'installed': installed, 'found by CMake': found_by_cmake,
            'fetched by CMake': fetched_by_cmake, 'added to CMake': added_to_cmake,
            'as a subproject': as_subproject}
    with tempfile.TemporaryDirectory() as work:
        expect('output', ways[kind](source, build, how, work), OUTPUT)


if __name__ == '__main__':
    if len(sys.argv) < 4:
        print(__doc__)
        sys.exit(2)
    main(*sys.argv[1:])
